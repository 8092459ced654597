// What a person chose, remembered where the browser allows it.
export function recall(name) {
  try {
    return localStorage.getItem(`afterword-${name}`);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(`afterword-${name}`, value);
  } catch {
    // Forbidden storage: the choice lasts as long as the page.
  }
}
