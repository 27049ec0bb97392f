// SPDX-License-Identifier: Apache-2.0
// Chains of element-wise work, written once for expressions of onepass, arrays of Eigen and single
// numbers. `S` is the type of the constants.
#pragma once

#include <cmath>

namespace bench {

/// Ten steps of Horner's scheme: twenty operations.
template <class S, class X>
auto polynomial(const X& x) {
  return ((((((((((S(0.01) * x + S(-0.02)) * x + S(0.03)) * x + S(-0.05)) * x + S(0.07)) * x +
               S(-0.11)) *
                  x +
              S(0.13)) *
                 x +
             S(-0.17)) *
                x +
            S(0.19)) *
               x +
           S(0.23)) *
              x +
          S(0.29));
}

/// The price of a European call: stock, strike, years; a rate of 3 %, a volatility of 20 %.
template <class S, class X>
auto option_price(const X& stock, const X& strike, const X& years) {
  using std::erf, std::exp, std::log, std::sqrt;
  const auto rate = S(0.03), volatility = S(0.2), half = S(0.5), one = S(1);
  const auto drift = S(0.05), root = S(0.70710678);
  const auto spread = volatility * sqrt(years);
  const auto first = (log(stock / strike) + drift * years) / spread;
  const auto second = first - spread;
  return half * stock * (one + erf(first * root)) -
         half * strike * exp(years * -rate) * (one + erf(second * root));
}

/// The angle between two places given by latitude and longitude.
template <class S, class X>
auto great_circle(const X& latitude1, const X& longitude1, const X& latitude2,
                  const X& longitude2) {
  using std::asin, std::cos, std::sin, std::sqrt;
  const auto half = S(0.5), two = S(2);
  const auto north = sin(half * (latitude2 - latitude1));
  const auto east = sin(half * (longitude2 - longitude1));
  return two * asin(sqrt(north * north + cos(latitude1) * cos(latitude2) * east * east));
}

template <class S, class X>
auto gelu_chain(const X& x) {
  using std::tanh;
  return S(0.5) * x * (S(1) + tanh(S(0.7978845608028654) * (x + S(0.044715) * x * x * x)));
}

}  // namespace bench
