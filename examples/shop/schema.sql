-- The shop's tables and what they hold when a recording begins.
CREATE TABLE products (id int PRIMARY KEY, name text NOT NULL, base_cents int NOT NULL);
CREATE TABLE stock (product_id int PRIMARY KEY REFERENCES products, on_hand int NOT NULL);
CREATE TABLE reservations (id serial PRIMARY KEY, order_key text, product_id int, quantity int);
CREATE TABLE orders (
    id serial PRIMARY KEY, key text UNIQUE, customer text, charge text, placed_at timestamptz DEFAULT now(),
    confirmed_at timestamptz
);
INSERT INTO products SELECT n, 'Product ' || n, 900 + 137 * n FROM generate_series(0, 23) AS n;
-- Products 22 and 23 are sold out: that is the path on which the first fault sits.
INSERT INTO stock SELECT n, CASE WHEN n < 22 THEN 1000000 ELSE 0 END FROM generate_series(0, 23) AS n;
