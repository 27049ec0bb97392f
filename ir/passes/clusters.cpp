// SPDX-License-Identifier: Apache-2.0
// The clustering walk. A node joins the kernels that use it if each of them reaches its elements in
// one way; if others need it too it becomes a further result, provided that the kernel can run
// before them.
#include "onepass/ir/passes/clusters.h"

#include <algorithm>
#include <climits>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "onepass/ir/passes/access_map.h"
#include "onepass/ir/passes/node_roles.h"
#include "onepass/ir/passes/product_operands.h"
#include "onepass/ir/passes/product_rows.h"
#include "onepass/ir/passes/result_space.h"
#include "onepass/ir/reduction.h"

namespace onepass::ir {
namespace {

/// A kernel holds at most this many reductions: each stage is a loop of its own to compile.
constexpr int most_reductions = 16;

/// A cluster while it grows.
struct Growing {
  ClusterKind kind;
  int level;
  int highest_level = INT_MAX;  // it may be raised to this without passing one of its producers
  ResultSpace space;
  int reductions = 0;
  int parent = 0;  // union-find
  std::vector<NodeId> products{};
  double prologue_cost = 0;  // of what products apply to their operands, per element
};

/// A kernel that reads a node, and how.
struct Request {
  static constexpr int finished = -1;  // it needs the value in memory
  int cluster;
  int map;
};

class ClusterWalk {
 public:
  explicit ClusterWalk(const Graph& graph)
      : graph_(graph),
        live_(live_nodes(graph)),
        cloned_(small_scalar_nodes(graph)),
        is_output_(graph.nodes.size(), false),
        row_values_(row_values(graph)),
        is_costly_(graph.nodes.size(), false),
        of_node_(graph.nodes.size(), -1),
        requests_(graph.nodes.size()) {
    for (const NodeId output : graph.outputs) is_output_[static_cast<size_t>(output)] = true;
  }

  Clusters run() {
    for (size_t i = graph_.nodes.size(); i-- > 0;) {
      const bool placed =
          live_[i] && !is_source(graph_.nodes[i].op) && (!cloned_[i] || is_output_[i]);
      if (placed) place(static_cast<NodeId>(i));
      requests_[i] = {};
    }
    join_readers_of_one_array();
    return ordered();
  }

 private:
  int find(int cluster) {
    while (at(cluster).parent != cluster) {
      int& parent = at(cluster).parent;
      cluster = parent = at(parent).parent;
    }
    return cluster;
  }
  Growing& at(int cluster) { return growing_[static_cast<size_t>(cluster)]; }

  void place(NodeId id) {
    const ClusterKind kind = kind_of(graph_, graph_.node(id));
    const std::vector<Request> readers = grouped(requests_[static_cast<size_t>(id)]);
    int home = home_among(id, kind, readers);
    int map = Request::finished;
    if (home < 0) {
      home = new_cluster(kind, own_space(id), readers);
      map = result_map(id);
    } else {
      map = map_in(home, id, readers);
      if (kind != ClusterKind::map) at(home).kind = kind;
      if (reduces_rows(id)) at(home).space = joined(at(home).space, space_around(id)).value();
    }
    if (kind == ClusterKind::reduce) ++at(home).reductions;
    if (kind == ClusterKind::product) at(home).products.push_back(id);
    of_node_[static_cast<size_t>(id)] = home;
    for (const Request& reader : readers) {
      Growing& holder = at(find(reader.cluster));
      if (&holder == &at(home)) continue;
      holder.highest_level = std::min(holder.highest_level, at(home).level - 1);
    }
    request_inputs(id, kind, home, map);
  }

  /// One entry per cluster; two ways to reach the elements count as needing the value finished.
  std::vector<Request> grouped(std::vector<Request>& requests) {
    for (Request& request : requests) request.cluster = find(request.cluster);
    std::sort(requests.begin(), requests.end(), [](const Request& a, const Request& b) {
      return std::pair(a.cluster, a.map) < std::pair(b.cluster, b.map);
    });
    std::vector<Request> groups;
    for (const Request& request : requests) {
      if (groups.empty() || groups.back().cluster != request.cluster) {
        groups.push_back(request);
      } else if (groups.back().map != request.map) {
        groups.back().map = Request::finished;
      }
    }
    return groups;
  }

  int map_in(int home, NodeId id, const std::vector<Request>& readers) {
    const auto reader = std::find_if(readers.begin(), readers.end(),
                                     [&](const Request& r) { return find(r.cluster) == home; });
    return reader == readers.end() ? result_map(id) : reader->map;
  }

  /// How a kernel reaches a value that is one of its results.
  int result_map(NodeId id) {
    const Dimensions& own = graph_.node(id).type.dimensions;
    const auto& rows = row_values_[static_cast<size_t>(id)];
    return rows ? maps_.of_rows(*rows->rows, own) : maps_.identity(Space::results, own);
  }

  bool reduces_rows(NodeId id) const {
    return is_reduction(graph_.node(id).op) && row_values_[static_cast<size_t>(id)].has_value();
  }

  /// The least space in which the node is a result.
  ResultSpace own_space(NodeId id) const {
    return reduces_rows(id) ? space_around(id)
                            : ResultSpace{moving_extents(graph_.node(id).type.dimensions)};
  }

  /// The space that the node shares with what it is computed from.
  ResultSpace space_around(NodeId id) const {
    return row_values_[static_cast<size_t>(id)].value_or(
        ResultSpace{moving_extents(graph_.node(id).type.dimensions)});
  }

  bool reads_as_result(const Request& reader, NodeId id) {
    return reader.map == result_map(id) &&
           joined(at(reader.cluster).space, space_around(id)).has_value();
  }

  /// A product, a running reduction, or one of other axes than the last ones, starts a kernel that
  /// so far only follows it.
  bool can_hold(NodeId id, ClusterKind kind, const Request& reader) {
    const Growing& holder = at(reader.cluster);
    if (kind == ClusterKind::reduce && holder.reductions == most_reductions) return false;
    if (holder.kind == ClusterKind::map) {
      return kind == ClusterKind::map || reduces_rows(id) || !holder.space.has_rows();
    }
    if (kind == ClusterKind::product)
      return holds_product(graph_, holder.products, holder.space, id);
    if (kind != ClusterKind::map) return reduces_rows(id) && holder.space.has_rows();
    return holder.kind == ClusterKind::reduce || holder.kind == ClusterKind::product ||
           holder.kind == ClusterKind::running;
  }

  /// True if the elements of every input can be found from here: two slices do not compose.
  bool reaches_inputs(const Node& node, ClusterKind kind, int map) {
    for (size_t i = 0; kind == ClusterKind::map && i < node.inputs.size(); ++i) {
      if (!maps_.of_input(graph_, node, i, map)) return false;
    }
    return true;
  }

  /// The cluster that the node joins; -1: it begins its own.
  int home_among(NodeId id, ClusterKind kind, const std::vector<Request>& readers) {
    if (kind == ClusterKind::library || kind == ClusterKind::movement ||
        kind == ClusterKind::reshape) {
      return -1;
    }
    const bool sole = readers.size() == 1 && !is_output_[static_cast<size_t>(id)] &&
                      readers[0].map != Request::finished && can_hold(id, kind, readers[0]) &&
                      reaches_inputs(graph_.node(id), kind, readers[0].map);
    if (sole && kind == ClusterKind::map && is_of_operand(maps_[readers[0].map].space)) {
      double& cost = at(readers[0].cluster).prologue_cost;
      const bool joins = joins_prologue(graph_, id, maps_[readers[0].map].space, cost);
      is_costly_[static_cast<size_t>(id)] = !joins;
      return joins ? readers[0].cluster : -1;
    }
    if (sole && (kind == ClusterKind::map || reads_as_result(readers[0], id))) {
      return readers[0].cluster;
    }
    // A product that others read too is stored as it is: the tile is written once.
    if (kind == ClusterKind::product) return -1;
    std::vector<int> candidates;
    int above = -1;  // highest level among kernels that read it from memory
    for (const Request& reader : readers) {
      if (reader.map != Request::finished && can_hold(id, kind, reader) &&
          reads_as_result(reader, id)) {
        candidates.push_back(reader.cluster);
      } else {
        above = std::max(above, at(reader.cluster).level);
      }
    }
    return unite(candidates, above, id);
  }

  /// Cores that do not share a kernel: products, running reductions, and those of other axes than
  /// the last ones.
  bool is_lone_core(int cluster) {
    return at(cluster).kind != ClusterKind::map && !at(cluster).space.has_rows();
  }

  /// Merges those candidates that can all run before every other reader, in a kernel that holds
  /// the node as a result.
  int unite(std::vector<int>& candidates, int above, NodeId id) {
    std::sort(candidates.begin(), candidates.end(), [&](int a, int b) {
      return std::pair(-at(a).level, a) < std::pair(-at(b).level, b);
    });
    while (!candidates.empty()) {
      const int level = std::max(at(candidates[0]).level, above + 1);
      bool has_core = false;
      std::vector<NodeId> products;
      int reductions = is_reduction(graph_.node(id).op) ? 1 : 0;
      ResultSpace space = space_around(id);
      const auto left_out = [&](int c) {
        const bool is_core = is_lone_core(c);
        const auto both = joined(space, at(c).space);
        const bool alone =
            is_core && has_core && !share_left_operand(graph_, products, at(c).products);
        const bool has_products = !products.empty() && !at(c).products.empty();
        const bool fits = at(c).highest_level >= level && both && !alone &&
                          !((is_core || has_core || has_products) && both->has_rows()) &&
                          reductions + at(c).reductions <= most_reductions;
        if (!fits) {
          above = std::max(above, at(c).level);
          return true;
        }
        has_core = has_core || is_core;
        products.insert(products.end(), at(c).products.begin(), at(c).products.end());
        space = *both;
        reductions += at(c).reductions;
        return false;
      };
      const size_t before = candidates.size();
      std::erase_if(candidates, left_out);
      if (candidates.size() == before && level > above) return merge(candidates, level, id);
    }
    return -1;
  }

  int merge(const std::vector<int>& candidates, int level, NodeId id) {
    const int home = candidates[0];
    ResultSpace space{moving_extents(graph_.node(id).type.dimensions)};
    for (const int c : candidates) {
      const auto both = joined(space, at(c).space);
      space = both ? *both : joined(space_around(id), at(c).space).value();
      at(c).parent = home;
      if (c != home) absorb(home, c);
      at(home).highest_level = std::min(at(home).highest_level, at(c).highest_level);
      if (at(c).kind != ClusterKind::map) at(home).kind = at(c).kind;
    }
    at(home).level = level;
    at(home).space = space;
    return home;
  }

  void absorb(int home, int other) {
    at(home).reductions += at(other).reductions;
    at(home).products.insert(at(home).products.end(), at(other).products.begin(),
                             at(other).products.end());
  }

  int new_cluster(ClusterKind kind, ResultSpace space, const std::vector<Request>& readers) {
    int level = 0;
    for (const Request& reader : readers) level = std::max(level, at(reader.cluster).level + 1);
    const int number = static_cast<int>(growing_.size());
    growing_.push_back({kind, level, INT_MAX, std::move(space), 0, number});
    return number;
  }

  void request_inputs(NodeId id, ClusterKind kind, int home, int map) {
    const Node& node = graph_.node(id);
    // Elements of a row are elements of the space in which its result is one per row.
    const Space reduced = reduces_rows(id) ? Space::results : Space::reduced;
    const bool fuses = kind == ClusterKind::map || kind == ClusterKind::reduce ||
                       kind == ClusterKind::running || kind == ClusterKind::product;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const auto input = static_cast<size_t>(node.inputs[i]);
      if (is_source(graph_.nodes[input].op)) continue;
      const std::optional<int> reached =
          fuses ? maps_.of_input(graph_, node, i, map, reduced) : std::nullopt;
      const Request request{home, reached.value_or(Request::finished)};
      std::vector<Request>& list = requests_[input];
      const bool repeated =
          !list.empty() && list.back().cluster == home && list.back().map == request.map;
      if (!repeated) list.push_back(request);
    }
  }

  /// Kernels of one space that read the same array and do not wait for each other read it once.
  void join_readers_of_one_array() {
    std::vector<std::vector<int>> readers(graph_.nodes.size());
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (of_node_[i] < 0) continue;
      const int cluster = find(of_node_[i]);
      const bool joins = at(cluster).kind == ClusterKind::map || at(cluster).space.has_rows();
      if (graph_.nodes[i].op == OpCode::matmul && at(cluster).kind == ClusterKind::product) {
        readers[static_cast<size_t>(graph_.nodes[i].inputs[0])].push_back(cluster);
      }
      if (!joins) continue;
      for (const NodeId input : graph_.nodes[i].inputs) {
        const auto in = static_cast<size_t>(input);
        const bool is_array = !cloned_[in] && (of_node_[in] < 0 || find(of_node_[in]) != cluster);
        if (is_array) readers[in].push_back(cluster);
      }
    }
    for (std::vector<int>& list : readers) join_equal_spaces(list);
  }

  void join_equal_spaces(std::vector<int>& readers) {
    for (int& reader : readers) reader = find(reader);
    std::sort(readers.begin(), readers.end());
    readers.erase(std::unique(readers.begin(), readers.end()), readers.end());
    // Those with rows first: they hold what has no rows of its own.
    const auto order = [&](int c) {
      const ResultSpace& space = at(c).space;
      return std::tuple(at(c).level, !space.has_rows(), space.extents, space.rows);
    };
    std::stable_sort(readers.begin(), readers.end(),
                     [&](int a, int b) { return order(a) < order(b); });
    std::vector<int> homes;  // of the current level
    for (const int reader : readers) {
      if (!homes.empty() && at(homes[0]).level != at(reader).level) homes.clear();
      const auto home =
          std::find_if(homes.begin(), homes.end(), [&](int c) { return can_join(c, reader); });
      if (home == homes.end()) {
        homes.push_back(reader);
        continue;
      }
      at(reader).parent = *home;
      absorb(*home, reader);
      if (at(reader).kind == ClusterKind::reduce) at(*home).kind = ClusterKind::reduce;
    }
  }

  /// Whether two kernels of one level make one.
  bool can_join(int a, int b) {
    const bool has_product = !at(a).products.empty() || !at(b).products.empty();
    const bool has_rows = at(a).space.has_rows() || at(b).space.has_rows();
    const bool share = share_left_operand(graph_, at(a).products, at(b).products);
    if (has_product && (has_rows || !share)) return false;
    return joined(at(a).space, at(b).space).has_value() &&
           at(a).reductions + at(b).reductions <= most_reductions;
  }

  /// The finished clusters, producers first.
  Clusters ordered() {
    Clusters result;
    result.of_node.assign(graph_.nodes.size(), -1);
    std::vector<int> place(growing_.size(), -1);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (of_node_[i] < 0) continue;
      const int cluster = find(of_node_[i]);
      int& number = place[static_cast<size_t>(cluster)];
      if (number < 0) {
        number = static_cast<int>(result.list.size());
        result.list.push_back({at(cluster).kind, at(cluster).level, {}});
      }
      result.list[static_cast<size_t>(number)].nodes.push_back(static_cast<NodeId>(i));
    }
    std::stable_sort(result.list.begin(), result.list.end(),
                     [](const Cluster& a, const Cluster& b) { return a.level > b.level; });
    for (size_t c = 0; c < result.list.size(); ++c) {
      for (const NodeId id : result.list[c].nodes) {
        result.of_node[static_cast<size_t>(id)] = static_cast<int>(c);
      }
    }
    result.is_cloned = std::move(cloned_);
    result.is_costly = std::move(is_costly_);
    return result;
  }

  const Graph& graph_;
  std::vector<bool> live_, cloned_, is_output_;
  std::vector<std::optional<ResultSpace>> row_values_;
  std::vector<bool> is_costly_;
  std::vector<int> of_node_;
  std::vector<std::vector<Request>> requests_;
  std::vector<Growing> growing_;
  AccessMaps maps_;
};

}  // namespace

Clusters find_clusters(const Graph& graph, Mode mode) {
  return mode == Mode::unfused ? cluster_each(graph) : ClusterWalk(graph).run();
}

}  // namespace onepass::ir
