/* Functions of one and two arguments, element by element, over flat memory or rows.
 *
 * The function is a constant in every loop, so the switch inside vanishes. NK_POWER is first narrowed to its exact
 * cases, which are functions of their own here.
 */
enum {
  POWER_ZERO = NK_SMOOTH_ABSOLUTE + 1,
  POWER_ONE,
  POWER_TWO,
  POWER_THREE,
  POWER_MINUS_ONE,
  POWER_HALF,
  POWER_MINUS_HALF
};

static int narrowed(nk_function function, float exponent) {
  if (function != NK_POWER) return function;
  if (exponent == 0.0f) return POWER_ZERO;
  if (exponent == 1.0f) return POWER_ONE;
  if (exponent == 2.0f) return POWER_TWO;
  if (exponent == 3.0f) return POWER_THREE;
  if (exponent == -1.0f) return POWER_MINUS_ONE;
  if (exponent == 0.5f) return POWER_HALF;
  if (exponent == -0.5f) return POWER_MINUS_HALF;
  return NK_POWER;
}

NK_INLINE nk_floats map_vector(const int function, nk_floats p0, nk_floats p1, nk_floats x) {
  switch (function) {
  case NK_STEP:
    return x > 0.0f ? nk_splat(1.0f) : nk_zero();
  case NK_SIGMOID:
    return nk_sigmoid(x);
  case NK_TANH:
    return nk_tanh(x);
  case NK_RELU:
    return nk_relu(x);
  case NK_LEAKY_RELU:
    return x > 0.0f ? x : p0 * x;
  case NK_ELU:
    return x > 0.0f ? x : p0 * nk_exp_minus_one(x);
  case NK_EXP:
    return nk_exp(x);
  case NK_LOG:
    return nk_log(x);
  case NK_POWER:
    return nk_exp(p0 * nk_log(x));
  case NK_AFFINE:
    return nk_fma(p0, x, p1);
  case NK_CLIP:
    return nk_clip(x, p0, p1);
  case NK_HARD_SIGMOID:
    return nk_hard_sigmoid(x);
  case NK_HARD_SWISH:
    return x * nk_hard_sigmoid(x);
  case NK_SILU:
    return x * nk_sigmoid(x);
  case NK_MISH:
    return x * nk_soft_gate_at(x).gate;
  case NK_GELU:
    return x * nk_normal_at(x).below;
  case NK_GELU_TANH:
    return x * nk_sigmoid(2.0f * nk_gelu_inner(x));
  case NK_SMOOTH_ABSOLUTE: {
    nk_floats a = nk_absolute(x);
    return a < p0 ? 0.5f * a * (a / p0) : a - 0.5f * p0;
  }
  case POWER_ZERO:
    return nk_splat(1.0f);
  case POWER_ONE:
    return x;
  case POWER_TWO:
    return x * x;
  case POWER_THREE:
    return x * x * x;
  case POWER_MINUS_ONE:
    return 1.0f / x;
  case POWER_HALF:
    return nk_root(x);
  default:
    return 1.0f / nk_root(x);
  }
}

/* dy * f'(saved) */
NK_INLINE nk_floats map_gradient_vector(const int function, nk_floats p0, nk_floats p1, nk_floats dy,
                                        nk_floats saved) {
  switch (function) {
  case NK_STEP:
  case POWER_ZERO:
    return nk_zero();
  case NK_SIGMOID:
    return dy * (saved * (1.0f - saved));
  case NK_TANH:
    return dy * nk_fma(-saved, saved, nk_splat(1.0f));
  case NK_RELU:
    return saved > 0.0f ? dy : nk_zero();
  case NK_LEAKY_RELU:
    return saved > 0.0f ? dy : p0 * dy;
  case NK_ELU:
    return saved > 0.0f ? dy : dy * (p0 * nk_exp(saved));
  case NK_EXP:
    return dy * saved;
  case NK_LOG:
    return dy / saved;
  case NK_POWER:
    return dy * (p0 * nk_exp((p0 - 1.0f) * nk_log(saved)));
  case NK_AFFINE:
    return p0 * dy;
  case NK_CLIP:
    return saved > p0 ? (saved < p1 ? dy : nk_zero()) : nk_zero();
  case NK_HARD_SIGMOID:
    return saved > 0.0f ? (saved < 1.0f ? dy * (1.0f / 6.0f) : nk_zero()) : nk_zero();
  case NK_HARD_SWISH:
    return dy * (saved > -3.0f ? (saved < 3.0f ? nk_fma(saved, nk_splat(1.0f / 3.0f), nk_splat(0.5f)) : nk_splat(1.0f))
                               : nk_zero());
  case NK_SILU: {
    nk_floats s = nk_sigmoid(saved);
    return dy * nk_fma(saved * s, 1.0f - s, s);
  }
  case NK_MISH: {
    nk_soft_gate g = nk_soft_gate_at(saved);
    return dy * nk_fma(saved, g.slope, g.gate);
  }
  case NK_GELU: {
    nk_normal n = nk_normal_at(saved);
    return dy * nk_fma(saved, n.density, n.below);
  }
  case NK_GELU_TANH: {
    /* Beyond +-16 the gate is 0 or 1, and powers of x could overflow. */
    nk_floats x = nk_clip(saved, nk_splat(-16.0f), nk_splat(16.0f));
    nk_floats s = nk_sigmoid(2.0f * nk_gelu_inner(x));
    nk_floats rise = 2.0f * nk_fma(x * x, nk_splat(0x1.b6676cp-4f), nk_splat(0x1.988454p-1f));
    return dy * nk_fma(x * rise * s, 1.0f - s, s);
  }
  case NK_SMOOTH_ABSOLUTE: {
    nk_floats sign = saved > 0.0f ? nk_splat(1.0f) : (saved < 0.0f ? nk_splat(-1.0f) : saved);
    return dy * (nk_absolute(saved) < p0 ? saved / p0 : sign);
  }
  case POWER_ONE:
    return dy;
  case POWER_TWO:
    return dy * (saved + saved);
  case POWER_THREE:
    return dy * (3.0f * saved * saved);
  case POWER_MINUS_ONE:
    return -dy / (saved * saved);
  case POWER_HALF:
    return 0.5f * dy / nk_root(saved);
  default:
    return -0.5f * dy / (saved * nk_root(saved));
  }
}

#define MAP_FUNCTIONS(DO)                                                                                              \
  DO(NK_STEP) DO(NK_SIGMOID) DO(NK_TANH) DO(NK_RELU) DO(NK_LEAKY_RELU) DO(NK_ELU) DO(NK_EXP) DO(NK_LOG) DO(NK_POWER)   \
  DO(NK_AFFINE) DO(NK_CLIP) DO(NK_HARD_SIGMOID) DO(NK_HARD_SWISH) DO(NK_SILU) DO(NK_MISH) DO(NK_GELU)                  \
  DO(NK_GELU_TANH) DO(NK_SMOOTH_ABSOLUTE) DO(POWER_ZERO) DO(POWER_ONE) DO(POWER_TWO) DO(POWER_THREE)                   \
  DO(POWER_MINUS_ONE) DO(POWER_HALF) DO(POWER_MINUS_HALF)

static void map(nk_function function, float p0, float p1, const float *x, float *y, int64_t count) {
  const nk_floats v0 = nk_splat(p0), v1 = nk_splat(p1);
  switch (narrowed(function, p0)) {
#define MAP_STEP(i, n) nk_put(y + (i), n, map_vector(function_here, v0, v1, nk_get(x + (i), n)))
#define MAP_CASE(name)                                                                                                 \
  case name: {                                                                                                         \
    enum { function_here = name };                                                                                     \
    NK_VECTORS(count, MAP_STEP);                                                                                       \
    break;                                                                                                             \
  }
    MAP_FUNCTIONS(MAP_CASE)
#undef MAP_STEP
#undef MAP_CASE
  }
}

static void map_gradient(nk_function function, float p0, float p1, const float *dy, const float *saved, float *dx,
                         int64_t count) {
  const nk_floats v0 = nk_splat(p0), v1 = nk_splat(p1);
  switch (narrowed(function, p0)) {
#define MAP_STEP(i, n)                                                                                                 \
  nk_put(dx + (i), n, map_gradient_vector(function_here, v0, v1, nk_get(dy + (i), n), nk_get(saved + (i), n)))
#define MAP_CASE(name)                                                                                                 \
  case name: {                                                                                                         \
    enum { function_here = name };                                                                                     \
    NK_VECTORS(count, MAP_STEP);                                                                                       \
    break;                                                                                                             \
  }
    MAP_FUNCTIONS(MAP_CASE)
#undef MAP_STEP
#undef MAP_CASE
  }
}

NK_INLINE nk_floats binary_vector(const int kind, nk_floats a, nk_floats b) {
  switch (kind) {
  case NK_ADD:
    return a + b;
  case NK_SUBTRACT:
    return a - b;
  case NK_MULTIPLY:
    return a * b;
  case NK_DIVIDE:
    return a / b;
  default: /* NK_LOGISTIC_LOSS */
    return nk_fma(-a, b, nk_relu(a)) + nk_log_one_plus(nk_exp(-nk_absolute(a)));
  }
}

/* One row; a column stride of 0 repeats one element. */
NK_INLINE void binary_row(const int kind, const float *a, const int a_column, const float *b, const int b_column,
                          float *y, int64_t columns) {
  const nk_floats whole_a = a_column ? nk_zero() : nk_splat(*a), whole_b = b_column ? nk_zero() : nk_splat(*b);
#define BINARY_STEP(i, n)                                                                                              \
  nk_put(y + (i), n,                                                                                                   \
         binary_vector(kind, a_column ? nk_get(a + (i), n) : whole_a, b_column ? nk_get(b + (i), n) : whole_b))
  NK_VECTORS(columns, BINARY_STEP);
#undef BINARY_STEP
}

NK_INLINE void binary_rows(const int kind, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                           ptrdiff_t b_row, ptrdiff_t b_column, float *y, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++, a += a_row, b += b_row, y += columns) {
    if (a_column && b_column)
      binary_row(kind, a, 1, b, 1, y, columns);
    else if (a_column)
      binary_row(kind, a, 1, b, 0, y, columns);
    else if (b_column)
      binary_row(kind, a, 0, b, 1, y, columns);
    else
      binary_row(kind, a, 0, b, 0, y, columns);
  }
}

static void binary(nk_binary_kind kind, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                   ptrdiff_t b_row, ptrdiff_t b_column, float *y, int64_t rows, int64_t columns) {
  if (rows <= 0 || columns <= 0) return;
  /* Rows that follow one another without gaps, or repeat one element, are one long row. */
  if (a_row == a_column * columns && b_row == b_column * columns) {
    columns *= rows;
    rows = 1;
  }
  switch (kind) {
  case NK_ADD:
    return binary_rows(NK_ADD, a, a_row, a_column, b, b_row, b_column, y, rows, columns);
  case NK_SUBTRACT:
    return binary_rows(NK_SUBTRACT, a, a_row, a_column, b, b_row, b_column, y, rows, columns);
  case NK_MULTIPLY:
    return binary_rows(NK_MULTIPLY, a, a_row, a_column, b, b_row, b_column, y, rows, columns);
  case NK_DIVIDE:
    return binary_rows(NK_DIVIDE, a, a_row, a_column, b, b_row, b_column, y, rows, columns);
  case NK_LOGISTIC_LOSS:
    return binary_rows(NK_LOGISTIC_LOSS, a, a_row, a_column, b, b_row, b_column, y, rows, columns);
  }
}

static void fill(float value, float *y, int64_t count) {
  const nk_floats all = nk_splat(value);
#define FILL_STEP(i, n) nk_put(y + (i), n, all)
  NK_VECTORS(count, FILL_STEP);
#undef FILL_STEP
}

static void one_hot(const int32_t *index, float *out, int64_t rows, int64_t columns) {
  fill(0.0f, out, rows * columns);
  for (int64_t r = 0; r < rows; r++)
    if (index[r] >= 0 && index[r] < columns) out[r * columns + index[r]] = 1.0f;
}
