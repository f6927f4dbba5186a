// Times LIBMF. Two modes:
//
//   libmf_peer --train A.bin --valid B.bin [settings]   ratings per second
//   libmf_peer --text u.data --target 0.92 [settings]   seconds from file to model
//
// The last line of stdout is one JSON object.
//
// LIBMF trains one rating at a time with its own AdaGrad-like rate and knows neither biases nor
// batches, so its rows are never "the same thing": they show how fast a hand-written loop goes.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "mf.h"

namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

[[noreturn]] void fail(const std::string &why) {
    std::fprintf(stderr, "libmf_peer: %s\n", why.c_str());
    std::exit(2);
}

std::vector<char> read_all(const std::string &path) {
    std::FILE *file = std::fopen(path.c_str(), "rb");
    if (!file) fail("cannot open " + path);
    std::fseek(file, 0, SEEK_END);
    const long size = std::ftell(file);
    std::rewind(file);
    std::vector<char> bytes(static_cast<size_t>(size) + 1);
    if (std::fread(bytes.data(), 1, static_cast<size_t>(size), file) != static_cast<size_t>(size))
        fail("cannot read " + path);
    std::fclose(file);
    bytes[static_cast<size_t>(size)] = 0;
    return bytes;
}

struct Data {
    std::vector<mf::mf_node> nodes;
    int users = 0;
    int items = 0;

    mf::mf_problem problem() {
        mf::mf_problem p;
        p.m = users;
        p.n = items;
        p.nnz = static_cast<mf::mf_long>(nodes.size());
        p.R = nodes.data();
        return p;
    }
};

// Three arrays one after the other: users u32, items u32, ratings f32.
Data read_binary(const std::string &path) {
    const std::vector<char> bytes = read_all(path);
    const size_t n = (bytes.size() - 1) / 12;
    Data data;
    data.nodes.resize(n);
    for (size_t i = 0; i < n; ++i) {
        uint32_t user, item;
        float rating;
        std::memcpy(&user, bytes.data() + 4 * i, 4);
        std::memcpy(&item, bytes.data() + 4 * (n + i), 4);
        std::memcpy(&rating, bytes.data() + 4 * (2 * n + i), 4);
        data.nodes[i] = {static_cast<int>(user), static_cast<int>(item), rating};
        data.users = std::max(data.users, static_cast<int>(user) + 1);
        data.items = std::max(data.items, static_cast<int>(item) + 1);
    }
    return data;
}

// Numbers the ids in the order they are met; a flat table is quicker than a hash map.
class Numbering {
  public:
    int of(size_t id) {
        if (id > 100'000'000) fail("an id above one hundred million");
        if (id >= numbers_.size()) numbers_.resize(std::max(id + 1, numbers_.size() * 2), -1);
        if (numbers_[id] < 0) numbers_[id] = count_++;
        return numbers_[id];
    }
    int count() const { return count_; }

  private:
    std::vector<int> numbers_;
    int count_ = 0;
};

// Lines of `user item rating [anything]`, parted by spaces or tabs.
Data read_text(const std::string &path) {
    const std::vector<char> bytes = read_all(path);
    const char *at = bytes.data();
    Data data;
    data.nodes.reserve(bytes.size() / 16);
    Numbering users, items;
    auto blank = [&] { while (*at == ' ' || *at == '\t') ++at; };
    auto whole = [&] {
        blank();
        if (*at < '0' || *at > '9') fail("an id that is not a number in " + path);
        size_t value = 0;
        while (*at >= '0' && *at <= '9') value = value * 10 + static_cast<size_t>(*at++ - '0');
        return value;
    };
    while (*at) {
        if (*at == '\n' || *at == '\r') { ++at; continue; }
        const int user = users.of(whole());
        const int item = items.of(whole());
        blank();
        char *end = nullptr;
        const float rating = std::strtof(at, &end);
        if (end == at) fail("a rating that is not a number in " + path);
        at = end;
        while (*at && *at != '\n') ++at;
        data.nodes.push_back({user, item, rating});
    }
    data.users = users.count();
    data.items = items.count();
    return data;
}

// Moves a random part of the ratings out of `all` and returns it.
Data split(Data &all, double share, unsigned seed) {
    std::mt19937_64 random(seed);
    auto &nodes = all.nodes;
    const size_t held = static_cast<size_t>(share * static_cast<double>(nodes.size()) + 0.5);
    const size_t kept = nodes.size() - held;
    // A partial shuffle: only the tail has to be a random sample.
    for (size_t i = nodes.size(); i > kept; --i) std::swap(nodes[i - 1], nodes[random() % i]);
    Data valid;
    valid.users = all.users;
    valid.items = all.items;
    valid.nodes.assign(nodes.begin() + static_cast<std::ptrdiff_t>(kept), nodes.end());
    nodes.resize(kept);
    return valid;
}

// LIBMF has no mean in its model; taking it off beforehand is what a careful user does.
float take_mean_off(Data &train, Data &valid) {
    double sum = 0;
    for (const auto &node : train.nodes) sum += node.r;
    const float mean = static_cast<float>(sum / static_cast<double>(train.nodes.size()));
    for (auto &node : train.nodes) node.r -= mean;
    for (auto &node : valid.nodes) node.r -= mean;
    return mean;
}

// LIBMF cannot be asked to stop early, but it prints a line after each pass: this reads the line
// as it is written, and ends the process when the target is met.
class Watch : public std::streambuf {
  public:
    Watch(double target, Clock::time_point start) : target_(target), start_(start) {}

  protected:
    int overflow(int c) override {
        if (c == '\n') {
            line();
            text_.clear();
        } else if (c != EOF) {
            text_.push_back(static_cast<char>(c));
        }
        return c;
    }

  private:
    void line() {
        std::istringstream words(text_);
        int pass;
        double train, valid;
        if (!(words >> pass >> train >> valid)) return;
        // Four decimals are printed: allow for the rounding.
        if (valid + 5e-5 > target_) return;
        std::fprintf(stdout,
                     "{\"peer\":\"libmf\",\"seconds\":%.6f,\"rmse\":%.4f,\"train_rmse\":%.4f,"
                     "\"passes\":%d,\"reached\":true,\"watched\":true}\n",
                     since(start_), valid, train, pass + 1);
        std::fflush(stdout);
        std::_Exit(0);
    }

    double target_;
    Clock::time_point start_;
    std::string text_;
};

class Options {
  public:
    Options(int count, char **words) {
        for (int i = 1; i < count; ++i) {
            const std::string word = words[i];
            if (word.rfind("--", 0) != 0) fail("unexpected '" + word + "'");
            const bool flag = i + 1 >= count || std::strncmp(words[i + 1], "--", 2) == 0;
            values_[word.substr(2)] = flag ? "1" : words[++i];
        }
    }
    std::string text(const std::string &name, const std::string &otherwise) {
        const auto found = values_.find(name);
        if (found == values_.end()) return otherwise;
        const std::string value = found->second;
        values_.erase(found);
        return value;
    }
    bool has(const std::string &name) const { return values_.count(name) != 0; }
    double number(const std::string &name, double otherwise) {
        const std::string value = text(name, "");
        return value.empty() ? otherwise : std::atof(value.c_str());
    }
    void all_used() const {
        for (const auto &left : values_) fail("unknown option --" + left.first);
    }

  private:
    std::map<std::string, std::string> values_;
};

double rmse(Data &data, mf::mf_model *model) {
    mf::mf_problem problem = data.problem();
    return mf::calc_rmse(&problem, model);
}

struct Timed {
    double seconds;
    mf::mf_model *model;
};

Timed train(Data &data, mf::mf_parameter settings, int passes) {
    mf::mf_problem problem = data.problem();
    settings.nr_iters = passes;
    const auto start = Clock::now();
    mf::mf_model *model = mf::mf_train(&problem, settings);
    if (!model) fail("LIBMF refused the settings");
    return {since(start), model};
}

void speed(Options &options, mf::mf_parameter settings) {
    Data training = read_binary(options.text("train", ""));
    Data valid = read_binary(options.text("valid", ""));
    const double budget = options.number("seconds", 5);
    const size_t most = static_cast<size_t>(options.number("max-ratings", 0));
    const bool centre = options.number("centre", 0) != 0;
    options.all_used();
    if (most && most < training.nodes.size()) training.nodes.resize(most);
    const int users = std::max(training.users, valid.users);
    const int items = std::max(training.items, valid.items);
    training.users = valid.users = users;
    training.items = valid.items = items;
    if (centre) take_mean_off(training, valid);

    // A run of one pass costs the preparation and the first pass, in which LIBMF trains eight
    // factors only; a longer run less that one leaves whole passes alone.
    double first = 0;
    for (int i = 0; i < 2; ++i) {
        Timed run = train(training, settings, 1);
        mf::mf_destroy_model(&run.model);
        first = i == 0 ? run.seconds : std::min(first, run.seconds);
    }
    int passes = 3;
    Timed run = train(training, settings, passes);
    const double pass = std::max((run.seconds - first) / (passes - 1), 1e-5);
    const int wanted = static_cast<int>((budget - run.seconds - 2 * first) / pass);
    if (wanted > passes) {
        mf::mf_destroy_model(&run.model);
        passes = std::min(wanted, 1000);
        run = train(training, settings, passes);
    }
    const double ratings = static_cast<double>(training.nodes.size());
    const double rate = ratings * (passes - 1) / std::max(run.seconds - first, 1e-9);
    std::printf("{\"peer\":\"libmf\",\"config\":\"%d thread%s\",\"same\":false,"
                "\"ratings_per_second\":%.1f,\"seconds_per_step\":null,"
                "\"ratings_per_second_with_preparation\":%.1f,\"passes\":%d,"
                "\"train_rmse\":%.5f,\"rmse\":%.5f}\n",
                settings.nr_threads, settings.nr_threads == 1 ? "" : "s", rate,
                ratings * passes / run.seconds, passes, rmse(training, run.model),
                rmse(valid, run.model));
    mf::mf_destroy_model(&run.model);
}

void file_to_model(Options &options, mf::mf_parameter settings, bool watch) {
    const std::string path = options.text("text", "");
    const double target = options.number("target", 0.92);
    const double share = options.number("share", 0.2);
    const unsigned seed = static_cast<unsigned>(options.number("seed", 1));
    const bool centre = options.number("centre", 0) != 0;
    options.all_used();

    const auto start = Clock::now();
    Data training = read_text(path);
    Data valid = split(training, share, seed);
    if (centre) take_mean_off(training, valid);
    const double read = since(start);

    if (watch) {
        Watch lines(target, start);
        std::streambuf *before = std::cout.rdbuf(&lines);
        settings.quiet = false;
        mf::mf_problem a = training.problem();
        mf::mf_problem b = valid.problem();
        mf::mf_model *model = mf::mf_train_with_validation(&a, &b, settings);
        std::cout.rdbuf(before);
        std::printf("{\"peer\":\"libmf\",\"seconds\":%.6f,\"rmse\":%.5f,\"reached\":false,"
                    "\"watched\":true}\n",
                    since(start), rmse(valid, model));
        mf::mf_destroy_model(&model);
        return;
    }
    // The number of passes is known beforehand here, so nothing is spent on looking: the least
    // time a user of LIBMF could see.
    Timed run = train(training, settings, settings.nr_iters);
    const double error = rmse(valid, run.model);
    const double seconds = since(start);
    std::printf("{\"peer\":\"libmf\",\"seconds\":%.6f,\"read_seconds\":%.6f,\"rmse\":%.5f,"
                "\"train_rmse\":%.5f,\"passes\":%d,\"reached\":%s,\"watched\":false}\n",
                seconds, read, error, rmse(training, run.model), settings.nr_iters,
                error <= target ? "true" : "false");
    mf::mf_destroy_model(&run.model);
}

}  // namespace

int main(int count, char **words) {
    Options options(count, words);
    // The defaults are the quickest found to an error of 0.92 on MovieLens 100K, over many splits.
    mf::mf_parameter settings = mf::mf_get_default_param();
    settings.k = static_cast<int>(options.number("factors", 40));
    settings.nr_threads = static_cast<int>(options.number("threads", 2));
    settings.nr_bins = static_cast<int>(options.number("bins", 3 * settings.nr_threads));
    const bool watch = options.number("watch", 0) != 0;
    settings.nr_iters = static_cast<int>(options.number("passes", watch ? 60 : 7));
    settings.lambda_p2 = settings.lambda_q2 = static_cast<float>(options.number("l2", 0.05));
    settings.eta = static_cast<float>(options.number("rate", 0.1));
    settings.quiet = true;
    settings.copy_data = true;
    std::srand(static_cast<unsigned>(options.number("libmf-seed", 1)));
    if (options.has("text"))
        file_to_model(options, settings, watch);
    else
        speed(options, settings);
    return 0;
}
