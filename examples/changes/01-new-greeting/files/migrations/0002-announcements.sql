CREATE TABLE announcements (
  id   int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  line text NOT NULL
);

INSERT INTO announcements (line) VALUES ('New: three books or more travel free.');
