/* Decision diagrams for fault trees: the inner loops of core/cause/diagram.py, with the same answers.

   Compiled on this machine when a large tree asks for it (app/accelerator.py); nothing depends on it. One Kernel is used
   by one thread. Every function says how it ended (OK, TOO_BIG, NO_MEMORY, WRONG); none prints, exits or aborts.

   A reference to a function is 2 * node + 1 where it is negated (Brace, Rudell and Bryant 1990), so negation is free;
   node 0 is "false". The low edge of a node is never negated. A reference to a set of sets is its node: 0 is the empty
   set, 1 holds only the empty set (Minato 1993). Depth of recursion: the number of levels, which `open` bounds. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, TOO_BIG = 1, NO_MEMORY = 2, WRONG = 3 };
enum { AND = 0, OR = 1, ATLEAST = 2, XOR = 3 };
enum { MEET = 1, DIFFER = 2, WITHOUT = 3, LESS = 4 };
enum { DEEPEST = 4096, WIDEST = 1 << 20, MOST_ENTRIES = 1 << 22, LARGEST_MEMORY = 1 << 24 };
#define BOTTOM 0x7fffffffu
#define NONE 0xffffffffu

typedef uint32_t ref;

typedef struct { uint32_t level, high, low, next; } Node;
typedef struct { uint32_t f, g, kind, result; } Entry;

/* Unique nodes, chained from buckets; a lossy memory of the steps done. `effort` bounds the steps. */
typedef struct {
    Node *node;
    uint32_t *bucket;
    Entry *entry;
    uint32_t count, room, buckets, entries, budget;
    uint64_t steps, effort;
    int status;
} Store;

typedef struct {
    Store bdd, zdd;
    ref root;
    uint32_t *minimal, *primes; /* by reference of the BDD */
    double progress;
    uint32_t levels;
} Kernel;

/* A program at work: values of variables and gates, the gate after which each is no longer needed, the gate now made. */
typedef struct {
    Kernel *kernel;
    uint32_t known, now, inputs;
    ref *value, *input, *spare;
    uint32_t *last;
    ref **root;
} Run;

static uint32_t mixed(uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t h = a * 0x9e3779b97f4a7c15ull ^ (b + 0x7f4a7c15ull) * 0xbf58476d1ce4e5b9ull ^ (c + 1ull) * 0x94d049bb133111ebull;
    h ^= h >> 29;
    h *= 0xbf58476d1ce4e5b9ull;
    return (uint32_t)(h >> 32);
}

static int grow_entries(Store *s, uint32_t entries)
{
    Entry *entry = calloc(entries, sizeof *entry);
    if (!entry) return s->status = NO_MEMORY;
    for (uint32_t i = 0; i < s->entries; i++) {
        Entry *old = &s->entry[i];
        if (old->kind) entry[mixed(old->f, old->g, old->kind) & (entries - 1)] = *old;
    }
    free(s->entry);
    s->entry = entry;
    s->entries = entries;
    return OK;
}

static int rehash(Store *s, uint32_t buckets)
{
    uint32_t *bucket = malloc((size_t)buckets * sizeof *bucket);
    if (!bucket) return s->status = NO_MEMORY;
    free(s->bucket);
    s->bucket = bucket;
    s->buckets = buckets;
    memset(bucket, 0, (size_t)buckets * sizeof *bucket);
    for (uint32_t i = 2; i < s->count; i++) {
        Node *n = &s->node[i];
        uint32_t at = mixed(n->level, n->high, n->low) & (buckets - 1);
        n->next = bucket[at];
        bucket[at] = i;
    }
    return OK;
}

static int prepare(Store *s, uint32_t budget)
{
    memset(s, 0, sizeof *s);
    s->budget = budget;
    s->effort = (uint64_t)budget * 16;
    s->room = 1 << 10;
    s->node = malloc(s->room * sizeof *s->node);
    if (!s->node) return s->status = NO_MEMORY;
    for (uint32_t i = 0; i < 2; i++) s->node[i] = (Node){BOTTOM, i, i, 0};
    s->count = 2;
    if (rehash(s, 1 << 11)) return s->status;
    return grow_entries(s, 1 << 11);
}

static void discard(Store *s)
{
    free(s->node);
    free(s->bucket);
    free(s->entry);
    s->node = NULL;
    s->bucket = NULL;
    s->entry = NULL;
}

static uint32_t unique(Store *s, uint32_t level, uint32_t high, uint32_t low)
{
    uint32_t at = mixed(level, high, low) & (s->buckets - 1);
    for (uint32_t i = s->bucket[at]; i; i = s->node[i].next) {
        Node *n = &s->node[i];
        if (n->level == level && n->high == high && n->low == low) return i;
    }
    if (s->count > s->budget) {
        s->status = TOO_BIG;
        return 0;
    }
    if (s->count == s->room) {
        Node *node = realloc(s->node, (size_t)s->room * 2 * sizeof *node);
        if (!node) {
            s->status = NO_MEMORY;
            return 0;
        }
        s->node = node;
        s->room *= 2;
        if (rehash(s, s->buckets * 2)) return 0;
        if (s->entries < s->room && s->entries < LARGEST_MEMORY && grow_entries(s, s->entries * 2)) return 0;
        at = mixed(level, high, low) & (s->buckets - 1);
    }
    s->node[s->count] = (Node){level, high, low, s->bucket[at]};
    s->bucket[at] = s->count;
    return s->count++;
}

static int step(Store *s)
{
    if (++s->steps > s->effort && !s->status) s->status = TOO_BIG;
    /* Many steps over few nodes: a larger memory saves most of them. */
    if (s->steps >> 1 > s->entries && s->entries < MOST_ENTRIES && !s->status) grow_entries(s, s->entries * 2);
    return s->status;
}

static int recall(Store *s, uint32_t f, uint32_t g, uint32_t kind, uint32_t *result)
{
    Entry *e = &s->entry[mixed(f, g, kind) & (s->entries - 1)];
    if (e->f != f || e->g != g || e->kind != kind) return 0;
    *result = e->result;
    return 1;
}

static uint32_t remember(Store *s, uint32_t f, uint32_t g, uint32_t kind, uint32_t result)
{
    if (!s->status) s->entry[mixed(f, g, kind) & (s->entries - 1)] = (Entry){f, g, kind, result};
    return result;
}

/* ---------------------------------------------------------------------------------------- binary diagrams */

static ref choice(Store *s, uint32_t level, ref high, ref low)
{
    if (high == low) return low;
    ref negated = low & 1;
    return unique(s, level, high ^ negated, low ^ negated) << 1 ^ negated;
}

static ref combine(Store *s, uint32_t kind, ref f, ref g)
{
    ref result, negated = 0;
    if (kind == MEET) {
        if (f == g) return f;
        if ((f ^ g) == 1 || !f || !g) return 0;
        if (f == 1) return g;
        if (g == 1) return f;
    } else {
        negated = (f ^ g) & 1;
        f &= ~1u;
        g &= ~1u;
        if (f == g) return negated;
        if (!f) return g ^ negated;
        if (!g) return f ^ negated;
    }
    if (f > g) {
        ref other = f;
        f = g;
        g = other;
    }
    if (recall(s, f, g, kind, &result)) return result ^ negated;
    if (step(s)) return 0;
    Node a = s->node[f >> 1], b = s->node[g >> 1];
    uint32_t level = a.level < b.level ? a.level : b.level;
    ref f1 = f, f0 = f, g1 = g, g0 = g;
    if (a.level == level) f1 = a.high ^ (f & 1), f0 = a.low ^ (f & 1);
    if (b.level == level) g1 = b.high ^ (g & 1), g0 = b.low ^ (g & 1);
    ref high = combine(s, kind, f1, g1);
    ref low = combine(s, kind, f0, g0);
    if (s->status) return 0;
    return remember(s, f, g, kind, choice(s, level, high, low)) ^ negated;
}

static ref meet(Store *s, ref f, ref g) { return combine(s, MEET, f, g); }
static ref join(Store *s, ref f, ref g) { return meet(s, f ^ 1, g ^ 1) ^ 1; }

static uint32_t level_of(const Store *s, ref f) { return s->node[f >> 1].level; }

/* Deepest first: what was made so far then lies below the next input, and the two grow only where they overlap.
   Inputs of one level keep their places. */
static void deepest_first(const Store *s, ref *input, ref *spare, uint32_t inputs)
{
    if (inputs < 2) return;
    uint32_t half = inputs / 2;
    deepest_first(s, input, spare, half);
    deepest_first(s, input + half, spare, inputs - half);
    memcpy(spare, input, inputs * sizeof *input);
    uint32_t a = 0, b = half;
    for (uint32_t i = 0; i < inputs; i++)
        input[i] = b == inputs || (a < half && level_of(s, spare[a]) >= level_of(s, spare[b])) ? spare[a++] : spare[b++];
}

/* Drops what no root needs: marks, moves the rest together (children stay before their parents) and renumbers the roots. */
static void sweep(Store *s, ref **root, uint32_t roots)
{
    uint32_t *to = calloc(s->count, sizeof *to), *list = malloc((size_t)s->count * sizeof *list), found = 0, kept = 2;
    if (!to || !list) {
        s->status = NO_MEMORY;
    } else {
        for (uint32_t i = 0; i < roots; i++)
            if (*root[i] > 1 && !to[*root[i] >> 1]) to[*root[i] >> 1] = 1, list[found++] = *root[i] >> 1;
        while (found) {
            Node n = s->node[list[--found]];
            if (n.high > 1 && !to[n.high >> 1]) to[n.high >> 1] = 1, list[found++] = n.high >> 1;
            if (n.low > 1 && !to[n.low >> 1]) to[n.low >> 1] = 1, list[found++] = n.low >> 1;
        }
        for (uint32_t i = 2; i < s->count; i++) {
            if (!to[i]) continue;
            Node n = s->node[i];
            to[i] = kept;
            s->node[kept++] = (Node){n.level, to[n.high >> 1] << 1 | (n.high & 1), to[n.low >> 1] << 1 | (n.low & 1), 0};
        }
        s->count = kept;
        for (uint32_t i = 0; i < roots; i++) *root[i] = to[*root[i] >> 1] << 1 | (*root[i] & 1);
        memset(s->entry, 0, (size_t)s->entries * sizeof *s->entry);
        rehash(s, s->buckets);
        if (kept > s->budget / 2) s->status = TOO_BIG;
    }
    free(to);
    free(list);
}

/* Between two steps of a gate: what waits to be used, and what the gate has made so far, are kept. */
static void make_room(Run *r, ref *made, uint32_t mades)
{
    uint32_t roots = 0;
    for (uint32_t i = 0; i < r->known; i++)
        if (r->last[i] >= r->now) r->root[roots++] = &r->value[i];
    for (uint32_t i = 0; i < r->inputs; i++) r->root[roots++] = &r->input[i];
    for (uint32_t i = 0; i < mades; i++) r->root[roots++] = &made[i];
    sweep(&r->kernel->bdd, r->root, roots);
}

static int crowded(const Store *s) { return !s->status && s->count > s->budget / 4 * 3; }

/* At least k of the inputs: after each of them, row[j] is "at least j of those seen". */
static ref at_least(Run *r, uint32_t k)
{
    Store *s = &r->kernel->bdd;
    ref *row = calloc(k + 1, sizeof *row);
    if (!row) {
        s->status = NO_MEMORY;
        return 0;
    }
    row[0] = 1;
    for (uint32_t i = 0; i < r->inputs && !s->status; i++) {
        for (uint32_t j = k; j && !s->status; j--) row[j] = join(s, row[j], meet(s, r->input[i], row[j - 1]));
        if (crowded(s)) make_room(r, row, k + 1);
    }
    ref result = row[k];
    free(row);
    return result;
}

static ref gate(Run *r, int32_t kind, int32_t k)
{
    Store *s = &r->kernel->bdd;
    if (kind == ATLEAST) return at_least(r, (uint32_t)k);
    ref made = r->input[0];
    for (uint32_t i = 1; i < r->inputs && !s->status; i++) {
        ref one = r->input[i];
        made = kind == AND ? meet(s, made, one) : kind == OR ? join(s, made, one) : combine(s, DIFFER, made, one);
        if (crowded(s)) make_room(r, &made, 1);
    }
    return made;
}

/* Where the next gate begins; NULL where the program is wrong. */
static const int32_t *checked(const int32_t *at, const int32_t *end, uint32_t known)
{
    if (end - at < 3 || at[0] < AND || at[0] > XOR || at[2] < 1 || at[2] > end - at - 3 || at[2] > WIDEST) return NULL;
    if (at[0] == ATLEAST && (at[1] < 1 || at[1] > at[2])) return NULL;
    for (int32_t i = 0; i < at[2]; i++)
        if (at[3 + i] < 0 || (uint32_t)at[3 + i] >> 1 >= known) return NULL;
    return at + 3 + at[2];
}

static void run_gate(Run *r, const int32_t *at)
{
    Store *s = &r->kernel->bdd;
    r->inputs = (uint32_t)at[2];
    for (uint32_t i = 0; i < r->inputs; i++) r->input[i] = r->value[at[3 + i] >> 1] ^ (at[3 + i] & 1);
    deepest_first(s, r->input, r->spare, r->inputs);
    r->value[r->known] = gate(r, at[0], at[1]);
    r->known++;
    r->now++;
}

static int run(Kernel *kernel, const int32_t *program, int32_t length, const int32_t *place)
{
    const int32_t *end = program + length;
    Store *s = &kernel->bdd;
    size_t most = (size_t)kernel->levels + (size_t)length + 1;
    Run r = {kernel, 0, 0, 0, malloc(most * sizeof(ref)), malloc(most * sizeof(ref)), malloc(most * sizeof(ref)),
             calloc(most, sizeof(uint32_t)), malloc(2 * most * sizeof(ref *))};
    if (!r.value || !r.input || !r.spare || !r.last || !r.root) s->status = NO_MEMORY;
    for (; r.known < kernel->levels && !s->status; r.known++) {
        int32_t level = place[r.known];
        if (level < 0 || (uint32_t)level >= kernel->levels) s->status = WRONG;
        else r.value[r.known] = choice(s, (uint32_t)level, 1, 0);
    }
    uint32_t gates = 0;
    for (const int32_t *at = program, *next; at < end && !s->status; at = next, gates++) {
        next = checked(at, end, kernel->levels + gates);
        if (!next) s->status = WRONG;
        for (int32_t i = 0; next && i < at[2]; i++) r.last[at[3 + i] >> 1] = gates + 1;
    }
    r.now = 1;
    for (const int32_t *at = program; at < end && !s->status; at += 3 + at[2]) {
        run_gate(&r, at);
        if (!s->status) kernel->progress = (double)(at - program) / length;
    }
    if (!s->status) kernel->root = r.value[r.known - 1];
    free(r.value);
    free(r.input);
    free(r.spare);
    free(r.last);
    free(r.root);
    return s->status;
}

/* ---------------------------------------------------------------------------------------- sets of sets */

static uint32_t member(Store *s, uint32_t level, uint32_t high, uint32_t low)
{
    return high ? unique(s, level, high, low) : low;
}

static int holds_empty(const Store *s, uint32_t a)
{
    while (a > 1) a = s->node[a].low;
    return a == 1;
}

/* The sets of a that contain no set of b (Rauzy 1993). */
static uint32_t without(Store *s, uint32_t a, uint32_t b)
{
    uint32_t result;
    if (!a || a == b || b == 1) return 0;
    if (!b) return a;
    if (a == 1) return holds_empty(s, b) ? 0 : 1;
    if (recall(s, a, b, WITHOUT, &result)) return result;
    if (step(s)) return 0;
    Node x = s->node[a], y = s->node[b];
    if (x.level > y.level) {
        result = without(s, a, y.low);
    } else if (x.level < y.level) {
        uint32_t high = without(s, x.high, b);
        uint32_t low = without(s, x.low, b);
        result = s->status ? 0 : member(s, x.level, high, low);
    } else {
        uint32_t high = without(s, without(s, x.high, y.high), y.low);
        uint32_t low = without(s, x.low, y.low);
        result = s->status ? 0 : member(s, x.level, high, low);
    }
    return remember(s, a, b, WITHOUT, result);
}

/* The sets of a that are not in b. */
static uint32_t less(Store *s, uint32_t a, uint32_t b)
{
    uint32_t result;
    if (!a || a == b) return 0;
    if (!b) return a;
    if (a == 1) return holds_empty(s, b) ? 0 : 1;
    if (b == 1 && !holds_empty(s, a)) return a;
    if (recall(s, a, b, LESS, &result)) return result;
    if (step(s)) return 0;
    Node x = s->node[a], y = s->node[b];
    if (x.level > y.level) {
        result = less(s, a, y.low);
    } else {
        uint32_t high = x.level == y.level ? less(s, x.high, y.high) : x.high;
        uint32_t low = less(s, x.low, x.level == y.level ? y.low : b);
        result = s->status ? 0 : member(s, x.level, high, low);
    }
    return remember(s, a, b, LESS, result);
}

/* The smallest sets of events that make f true while no other happens. */
static uint32_t minimal(Kernel *k, ref f)
{
    if (f <= 1) return f;
    if (k->minimal[f] != NONE) return k->minimal[f];
    if (k->zdd.status) return 0;
    Node n = k->bdd.node[f >> 1];
    uint32_t low = minimal(k, n.low ^ (f & 1));
    uint32_t high = without(&k->zdd, minimal(k, n.high ^ (f & 1)), low);
    if (k->zdd.status) return 0;
    return k->minimal[f] = member(&k->zdd, n.level, high, low);
}

/* Prime implicants (Coudert and Madre 1992): level 2 * l is "happens", 2 * l + 1 is "does not". */
static uint32_t primes(Kernel *k, ref f)
{
    if (f <= 1) return f;
    /* References made while conditions meet lie beyond the memo: they are found again by the memory of steps. */
    uint32_t result;
    if (recall(&k->zdd, f, NONE, LESS, &result)) return result;
    if (step(&k->zdd) || k->bdd.status) return 0;
    Node n = k->bdd.node[f >> 1];
    ref f1 = n.high ^ (f & 1), f0 = n.low ^ (f & 1);
    uint32_t both = primes(k, meet(&k->bdd, f1, f0));
    uint32_t yes = less(&k->zdd, primes(k, f1), both);
    uint32_t no = less(&k->zdd, primes(k, f0), both);
    if (k->zdd.status || k->bdd.status) return 0;
    result = member(&k->zdd, 2 * n.level, yes, member(&k->zdd, 2 * n.level + 1, no, both));
    return remember(&k->zdd, f, NONE, LESS, result);
}

/* ---------------------------------------------------------------------------------------- tables */

/* The nodes below a root, children first: level, high, low of each. 0 and 1 are the terminals, the others follow.
   Of a binary diagram every negated node is a node of its own in the table. */
typedef struct {
    int32_t *level, *high, *low;
    int64_t count;
    int32_t root;
} Table;

static int below(const Store *s, uint32_t root, int binary, uint32_t *list, uint8_t *seen, int64_t *count)
{
    int64_t done = 0, found = 0;
    if (root > 1) list[found++] = root, seen[root] = 1;
    for (; done < found; done++) {
        uint32_t f = list[done], sign = binary ? f & 1 : 0;
        Node n = s->node[binary ? f >> 1 : f];
        uint32_t child[2] = {n.high ^ sign, n.low ^ sign};
        for (int i = 0; i < 2; i++)
            if (child[i] > 1 && !seen[child[i]]) seen[child[i]] = 1, list[found++] = child[i];
    }
    *count = found;
    return OK;
}

static int fill(const Store *s, uint32_t root, int binary, uint32_t levels, Table *table)
{
    size_t most = (size_t)s->count * (binary ? 2 : 1);
    uint32_t *list = malloc(most * sizeof *list), *number = malloc(most * sizeof *number);
    uint8_t *seen = calloc(most, 1);
    uint64_t *start = calloc((size_t)levels + 2, sizeof *start);
    int status = list && number && seen && start ? OK : NO_MEMORY;
    int64_t count = 0;
    if (!status) {
        below(s, root, binary, list, seen, &count);
        size_t size = (size_t)(count + 2) * sizeof *table->level;
        table->level = malloc(size), table->high = malloc(size), table->low = malloc(size);
        if (!table->level || !table->high || !table->low) status = NO_MEMORY;
    }
    if (!status) {
        for (int64_t i = 0; i < count; i++) start[levels - s->node[binary ? list[i] >> 1 : list[i]].level]++;
        for (uint32_t l = 1; l <= levels; l++) start[l] += start[l - 1];
        number[0] = 0, number[1] = 1;
        for (int64_t i = 0; i < count; i++)
            number[list[i]] = 2 + (uint32_t)start[levels - 1 - s->node[binary ? list[i] >> 1 : list[i]].level]++;
        for (int i = 0; i < 2; i++) table->level[i] = (int32_t)levels, table->high[i] = table->low[i] = i;
        for (int64_t i = 0; i < count; i++) {
            uint32_t f = list[i], sign = binary ? f & 1 : 0, to = number[f];
            Node n = s->node[binary ? f >> 1 : f];
            table->level[to] = (int32_t)n.level;
            table->high[to] = (int32_t)number[n.high ^ sign];
            table->low[to] = (int32_t)number[n.low ^ sign];
        }
        table->count = count + 2;
        table->root = (int32_t)(root > 1 ? number[root] : root);
    }
    free(list);
    free(number);
    free(seen);
    free(start);
    return status;
}

/* ---------------------------------------------------------------------------------------- what Python calls */

void afterword_close(Kernel *kernel)
{
    if (!kernel) return;
    discard(&kernel->bdd);
    discard(&kernel->zdd);
    free(kernel->minimal);
    free(kernel);
}

/* Makes the binary diagram of a program. place[i] is the level of variable i. */
int afterword_open(const int32_t *program, int32_t length, const int32_t *place, int32_t levels, int64_t budget,
                   Kernel **out, double *progress)
{
    *out = NULL;
    *progress = 0;
    if (levels < 1 || levels > DEEPEST || length < 4 || budget < 1 || budget > 1 << 28) return WRONG;
    Kernel *kernel = calloc(1, sizeof *kernel);
    if (!kernel) return NO_MEMORY;
    kernel->levels = (uint32_t)levels;
    int status = prepare(&kernel->bdd, (uint32_t)budget);
    if (!status) status = run(kernel, program, length, place);
    *progress = kernel->progress;
    if (status) afterword_close(kernel);
    else *out = kernel;
    return status;
}

/* kind 0: the binary diagram; 1: minimal solutions; 2: prime implicants; 3: those of the negation. */
int afterword_table(Kernel *kernel, int32_t kind, int64_t budget, Table *table)
{
    memset(table, 0, sizeof *table);
    if (kind == 0) return fill(&kernel->bdd, kernel->root, 1, kernel->levels, table);
    if (kind < 0 || kind > 3 || budget < 1 || budget > 1 << 28) return WRONG;
    uint32_t sets = 0;
    int status = prepare(&kernel->zdd, (uint32_t)budget);
    if (kind > 1) {
        /* Conditions that meet are new nodes of the binary diagram. */
        kernel->bdd.budget = (uint32_t)budget;
        kernel->bdd.effort = kernel->bdd.steps + (uint64_t)budget * 16;
    }
    if (!status && kind == 1) {
        size_t size = (size_t)kernel->bdd.count * 2 * sizeof *kernel->minimal;
        kernel->minimal = malloc(size);
        if (!kernel->minimal) status = NO_MEMORY;
        else memset(kernel->minimal, 0xff, size);
    }
    if (!status) {
        sets = kind == 1 ? minimal(kernel, kernel->root) : primes(kernel, kernel->root ^ (kind == 3));
        status = kernel->zdd.status ? kernel->zdd.status : kernel->bdd.status;
    }
    if (!status) status = fill(&kernel->zdd, sets, 0, kernel->levels * (kind > 1 ? 2 : 1), table);
    discard(&kernel->zdd);
    free(kernel->minimal);
    kernel->minimal = NULL;
    kernel->bdd.status = OK;
    return status;
}

void afterword_forget(Table *table)
{
    free(table->level);
    free(table->high);
    free(table->low);
    memset(table, 0, sizeof *table);
}
