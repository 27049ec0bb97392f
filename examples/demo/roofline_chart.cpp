// SPDX-License-Identifier: Apache-2.0
#include "demo/roofline_chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "demo/label_layout.h"

namespace op = onepass;

namespace {

constexpr double width = 1100, height = 700;
constexpr Box frame = {80, 56, width - 30, height - 64};
constexpr double font_size = 13;
constexpr double letter_width = 0.56 * font_size;

constexpr const char* all_color = "#1b4f8f";
constexpr const char* one_color = "#7d9cc4";
constexpr const char* point_color = "#c2410c";

/// printf into a string.
template <class... Ts>
std::string text(const char* format, Ts... values) {
  std::array<char, 1024> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

/// Axes with logarithmic scales.
struct Scales {
  double low_x, high_x, low_y, high_y;

  double x(double intensity) const {
    return frame.left +
           (frame.right - frame.left) * std::log(intensity / low_x) / std::log(high_x / low_x);
  }
  double y(double flops) const {
    return frame.bottom -
           (frame.bottom - frame.top) * std::log(flops / low_y) / std::log(high_y / low_y);
  }
};

Scales scales_for(const op::MachinePeaks& peaks, const std::vector<ChartPoint>& points) {
  const double ridge = peaks.flops_all_threads / peaks.bandwidth_all_threads;
  Scales s{0.1, ridge, peaks.flops_one_thread, peaks.flops_all_threads};
  for (const ChartPoint& p : points) {
    s.low_x = std::min(s.low_x, p.intensity);
    s.high_x = std::max(s.high_x, p.intensity);
    s.low_y = std::min(s.low_y, p.flops);
    s.high_y = std::max(s.high_y, p.flops);
  }
  constexpr double margin = 2.5, room_for_roof_names = 11;
  return {s.low_x / 2, s.high_x * room_for_roof_names, s.low_y / margin, s.high_y * margin};
}

std::string drawn_text(double x, double y, const char* anchor, const char* color,
                       const std::string& label, double angle = 0) {
  return text(
             "<text x='%.1f' y='%.1f' text-anchor='%s' fill='%s' transform='rotate(%.1f %.1f "
             "%.1f)'>",
             x, y, anchor, color, angle, x, y) +
         label + "</text>\n";
}

std::string drawn_line(const Segment& s, const char* color, double thickness) {
  return text("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s' stroke-width='%.1f'/>\n",
              s.from.x, s.from.y, s.to.x, s.to.y, color, thickness);
}

/// Lines at 1, 2, .. 9 of every decade; the decades are named.
std::string drawn_grid(const Scales& s) {
  std::string svg;
  const auto each_tick = [](double low, double high, auto&& draw) {
    for (double decade = std::pow(10, std::floor(std::log10(low))); decade < high; decade *= 10) {
      for (int i = 1; i < 10; ++i) {
        if (i * decade >= low && i * decade <= high) draw(i * decade, i == 1);
      }
    }
  };
  each_tick(s.low_x, s.high_x, [&](double value, bool named) {
    const double x = s.x(value);
    svg += drawn_line({{x, frame.top}, {x, frame.bottom}}, named ? "#d4d4d4" : "#f0f0f0", 1);
    if (named) svg += drawn_text(x, frame.bottom + 20, "middle", "#333", text("%g", value));
  });
  each_tick(s.low_y, s.high_y, [&](double value, bool named) {
    const double y = s.y(value);
    svg += drawn_line({{frame.left, y}, {frame.right, y}}, named ? "#d4d4d4" : "#f0f0f0", 1);
    if (named) svg += drawn_text(frame.left - 8, y + 4, "end", "#333", text("%g", value / 1e9));
  });
  svg += drawn_text((frame.left + frame.right) / 2, height - 18, "middle", "#333",
                    "intensity: floating-point operations per byte moved");
  svg += drawn_text(24, (frame.top + frame.bottom) / 2, "middle", "#333", "GFLOP/s", -90);
  return svg;
}

/// One roof: memory bandwidth up to the ridge, peak from there on.
struct Roof {
  double flops, bandwidth;
  std::string threads;
  const char* color;
  bool peak_named_above, memory_named_above;

  std::array<Segment, 2> lines(const Scales& s) const {
    // The slope enters the frame at its left or at its bottom edge.
    const double start = std::max(s.low_x, s.low_y / bandwidth), ridge = flops / bandwidth;
    const Place turn = {s.x(ridge), s.y(flops)};
    return {Segment{{s.x(start), s.y(start * bandwidth)}, turn},
            Segment{turn, {frame.right, s.y(flops)}}};
  }
};

std::string drawn_roof(const Roof& roof, const Scales& s, LabelLayout& layout) {
  const auto [slope, flat] = roof.lines(s);
  std::string svg = drawn_line(slope, roof.color, 2.5) + drawn_line(flat, roof.color, 2.5);
  constexpr double above = -8, below = 18;
  double shift = roof.peak_named_above ? above : below;
  const std::string peak = text("peak, %s: %.0f GFLOP/s", roof.threads.c_str(), roof.flops / 1e9);
  svg += drawn_text(frame.right - 6, flat.to.y + shift, "end", roof.color, peak);
  const double top = flat.to.y + shift - font_size;
  layout.occupy({frame.right - 6 - letter_width * static_cast<double>(peak.size()), top,
                 frame.right, top + 1.4 * font_size});

  const double dx = slope.to.x - slope.from.x, dy = slope.to.y - slope.from.y;
  shift = roof.memory_named_above ? above : below;
  const double length = std::hypot(dx, dy), along = 0.3 * length;
  const Place at = {slope.from.x + dx / length * along - dy / length * shift,
                    slope.from.y + dy / length * along + dx / length * shift};
  const std::string memory =
      text("memory, %s: %.1f GB/s", roof.threads.c_str(), roof.bandwidth / 1e9);
  svg += drawn_text(at.x, at.y, "middle", roof.color, memory,
                    std::atan2(dy, dx) * 180 / std::numbers::pi);
  // The slanted text, as a row of small boxes.
  const double half = letter_width * static_cast<double>(memory.size()) / 2;
  for (double step = -half; step <= half; step += font_size) {
    const double x = at.x + dx / length * step, y = at.y + dy / length * step;
    layout.occupy({x - font_size, y - font_size, x + font_size, y + font_size});
  }
  return svg;
}

std::string drawn_point(const ChartPoint& point, const Place& at, LabelLayout& layout) {
  const std::string label = point.label + text(": %.3g GFLOP/s", point.flops / 1e9);
  const Box box =
      layout.place(at, letter_width * static_cast<double>(label.size()), 1.3 * font_size);
  const Place edge = {std::clamp(at.x, box.left, box.right), std::clamp(at.y, box.top, box.bottom)};
  return drawn_line({at, edge}, point_color, 0.8) +
         text("<circle cx='%.1f' cy='%.1f' r='5' fill='%s'/>\n", at.x, at.y, point_color) +
         drawn_text((box.left + box.right) / 2, box.bottom - 0.35 * font_size, "middle", "#222",
                    label);
}

}  // namespace

std::string draw_roofline(const op::MachinePeaks& peaks, const std::vector<ChartPoint>& points) {
  const Scales s = scales_for(peaks, points);
  // Of two lines the upper one is named above, so that names never lie between lines that are
  // close.
  const bool more_flops = peaks.flops_all_threads >= peaks.flops_one_thread;
  const bool more_bandwidth = peaks.bandwidth_all_threads >= peaks.bandwidth_one_thread;
  const std::vector<Roof> roofs = {
      {peaks.flops_all_threads, peaks.bandwidth_all_threads, text("%d threads", peaks.threads),
       all_color, more_flops, more_bandwidth},
      {peaks.flops_one_thread, peaks.bandwidth_one_thread, "1 thread", one_color, !more_flops,
       !more_bandwidth}};

  std::vector<Segment> lines;
  std::vector<Place> places;
  for (const Roof& roof : roofs) {
    for (const Segment& line : roof.lines(s)) lines.push_back(line);
  }
  for (const ChartPoint& p : points) places.push_back({s.x(p.intensity), s.y(p.flops)});
  LabelLayout layout(frame, lines, places);

  std::string svg = text(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %.0f %.0f' width='%.0f' height='%.0f' "
      "font-family='sans-serif' font-size='%.0f'>\n<rect width='100%%' height='100%%' "
      "fill='white'/>\n",
      width, height, width, height, font_size);
  svg += text("<text x='%.0f' y='32' font-size='18' fill='#222'>", frame.left) +
         "Roofline of this machine, and where kernels stand</text>\n";
  svg += drawn_grid(s);
  for (const Roof& roof : roofs) svg += drawn_roof(roof, s, layout);
  for (size_t i = 0; i < points.size(); ++i) svg += drawn_point(points[i], places[i], layout);
  return svg + "</svg>\n";
}
