/* Optimizer steps over flat memory; the formulas stand with `nk_update`. One pass reads gradient, weight and state
 * once; the kind is a constant in every loop. */
NK_INLINE nk_floats update_gradient(const nk_update *u, nk_floats g, nk_floats w) {
  g *= u->gradient_scale;
  if (u->value_limit > 0.0f) {
    g = g > u->value_limit ? nk_splat(u->value_limit) : g;
    g = g < -u->value_limit ? nk_splat(-u->value_limit) : g;
  }
  return nk_fma(nk_splat(u->coupled_decay), w, g);
}

NK_INLINE void update_vector(const nk_update *u, const int kind, float *weight, const float *gradient, float *s0,
                             float *s1, int64_t n) {
  nk_floats w = nk_get(weight, n), g = update_gradient(u, nk_get(gradient, n), w);
  const nk_floats rate = nk_splat(u->rate), beta1 = nk_splat(u->beta1), beta2 = nk_splat(u->beta2);
  w *= 1.0f - u->rate * u->decoupled_decay;
  switch (kind) {
  case NK_SGD:
    w = nk_fma(-rate, g, w);
    break;
  case NK_MOMENTUM:
  case NK_NESTEROV: {
    nk_floats velocity = nk_fma(beta1, nk_get(s0, n), g);
    nk_put(s0, n, velocity);
    w = nk_fma(-rate, kind == NK_MOMENTUM ? velocity : nk_fma(beta1, velocity, g), w);
    break;
  }
  case NK_ADAGRAD:
  case NK_RMSPROP: {
    nk_floats squares = nk_get(s0, n);
    squares = kind == NK_ADAGRAD ? nk_fma(g, g, squares) : nk_fma((1.0f - beta2) * g, g, beta2 * squares);
    nk_put(s0, n, squares);
    w -= rate * g / (nk_root(squares) + u->epsilon);
    break;
  }
  default: { /* NK_ADAM */
    nk_floats mean = nk_fma(1.0f - beta1, g, beta1 * nk_get(s0, n));
    nk_floats squares = nk_fma((1.0f - beta2) * g, g, beta2 * nk_get(s1, n));
    nk_put(s0, n, mean);
    nk_put(s1, n, squares);
    w -= (u->rate / u->correction1) * mean / (nk_root(squares) / u->root_correction2 + u->epsilon);
  }
  }
  nk_put(weight, n, w);
}

static void update(const nk_update *parameters, float *w, const float *g, float *s0, float *s1, int64_t count) {
  const nk_update u = *parameters; /* a copy, which no store can change */
  switch (u.kind) {
#define UPDATE_STEP(i, n) update_vector(&u, kind_here, w + (i), g + (i), s0 + (i), s1 + (i), n)
#define UPDATE_CASE(name)                                                                                              \
  case name: {                                                                                                         \
    enum { kind_here = name };                                                                                         \
    NK_VECTORS(count, UPDATE_STEP);                                                                                    \
    break;                                                                                                             \
  }
    UPDATE_CASE(NK_SGD)
    UPDATE_CASE(NK_MOMENTUM)
    UPDATE_CASE(NK_NESTEROV)
    UPDATE_CASE(NK_ADAGRAD)
    UPDATE_CASE(NK_RMSPROP)
    UPDATE_CASE(NK_ADAM)
#undef UPDATE_STEP
#undef UPDATE_CASE
  }
}
