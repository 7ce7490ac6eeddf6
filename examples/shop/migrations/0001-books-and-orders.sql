CREATE TABLE books (
  id     int PRIMARY KEY,
  title  text NOT NULL,
  author text NOT NULL,
  price  int NOT NULL CHECK (price > 0)
);

CREATE TABLE orders (
  id        int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  placed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE order_lines (
  order_id int NOT NULL REFERENCES orders ON DELETE CASCADE,
  book_id  int NOT NULL REFERENCES books,
  copies   int NOT NULL CHECK (copies > 0),
  PRIMARY KEY (order_id, book_id)
);

INSERT INTO books (id, title, author, price) VALUES
  (1, 'Middlemarch', 'George Eliot', 1290),
  (2, 'Moby-Dick', 'Herman Melville', 1150),
  (3, 'The Time Machine', 'H. G. Wells', 790),
  (4, 'Persuasion', 'Jane Austen', 895),
  (5, 'Walden', 'Henry David Thoreau', 980);
