// The pages read without any of this; it makes them quicker to use.
import { startFilter } from "./filter.js";
import { startKeys } from "./keys.js";
import { startPanel } from "./panel.js";
import { startTheme } from "./toggle.js";
import { startTimes } from "./time.js";

document.querySelector(".tools")?.removeAttribute("hidden");
const toggleTheme = startTheme();
const toggleZone = startTimes();
const panel = startPanel();
startFilter();
startKeys({ toggleTheme, toggleZone, panel });
