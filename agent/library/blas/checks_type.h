/*
 * The largest magnitudes in the rows and in the columns of a matrix, for one element type. The including file defines
 *   BITS              the unsigned integer of the size of an element
 *   CHECK(name)       the names
 *   MAGNITUDE         all bits but the sign
 * Without the sign, floating-point numbers are ordered as their bits are: infinity comes after all finite ones, NaN after infinity.
 */
typedef BITS CHECK(bits) __attribute__((may_alias));

/* Rows whose largest magnitudes are taken together, so that those of the columns are loaded and stored once for all of them. */
enum { CHECK(ROWS) = 4 };

static void CHECK(rows)(const CHECK(bits) * x, size_t stride, size_t columns, CHECK(bits) *restrict of_rows, CHECK(bits) *restrict of_columns) {
  CHECK(bits) r0 = 0, r1 = 0, r2 = 0, r3 = 0;
  const CHECK(bits) *x1 = x + stride, *x2 = x1 + stride, *x3 = x2 + stride;
  for (size_t j = 0; j < columns; j++) {
    const CHECK(bits) v0 = x[j] & MAGNITUDE, v1 = x1[j] & MAGNITUDE, v2 = x2[j] & MAGNITUDE, v3 = x3[j] & MAGNITUDE;
    const CHECK(bits) low = v0 > v1 ? v0 : v1, high = v2 > v3 ? v2 : v3, all = low > high ? low : high;
    of_columns[j] = of_columns[j] > all ? of_columns[j] : all;
    r0 = r0 > v0 ? r0 : v0;
    r1 = r1 > v1 ? r1 : v1;
    r2 = r2 > v2 ? r2 : v2;
    r3 = r3 > v3 ? r3 : v3;
  }
  of_rows[0] = r0;
  of_rows[1] = r1;
  of_rows[2] = r2;
  of_rows[3] = r3;
}

static void CHECK(row)(const CHECK(bits) * x, size_t columns, CHECK(bits) *restrict of_rows, CHECK(bits) *restrict of_columns) {
  CHECK(bits) row = 0;
  for (size_t j = 0; j < columns; j++) {
    const CHECK(bits) v = x[j] & MAGNITUDE;
    of_columns[j] = of_columns[j] > v ? of_columns[j] : v;
    row = row > v ? row : v;
  }
  *of_rows = row;
}

/* The rows first <= i < last of a matrix. */
static void CHECK(part)(const void *data, size_t stride, size_t columns, size_t first, size_t last, void *rows, void *of_columns) {
  const CHECK(bits) *x = data;
  CHECK(bits) *of_rows = rows;
  size_t i = first;
  for (; i + CHECK(ROWS) <= last; i += CHECK(ROWS)) CHECK(rows)(x + i * stride, stride, columns, of_rows + i, of_columns);
  for (; i < last; i++) CHECK(row)(x + i * stride, columns, of_rows + i, of_columns);
}

#undef BITS
#undef CHECK
#undef MAGNITUDE
