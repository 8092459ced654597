/* A module between two small diagrams: the inner loops of core/cause/enclose.py, which tells what is done and why it is safe.

   This file is the one that is compiled; it brings diagram.c with it. Sides: 0 is below the module, 1 above it. */

#include "diagram.c"

enum { LEAST_STORE = 400000, STORE = 1000, EFFORT = 60000 };

/* `stamp` and `index` are by reference, the others by place in the list of the diagram now cut. */
typedef struct {
    Kernel *kernel;
    const double *weight;
    uint32_t size, known, now, inputs, rows, stamps, epoch, room;
    int monotone;
    ref *value[2], *input[2], *spare, *row, done[2];
    uint32_t *last, *stamp, *index;
    ref **root, *list, *sorted, *fresh;
    double *held, *reached, *constant, *child, *least;
} Sides;

static int larger_first(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Room for marks of every reference, and for lists of `most` nodes. */
static int widen(Sides *e, uint32_t most)
{
    Store *s = &e->kernel->bdd;
    if (e->stamps < 2 * s->room) {
        free(e->stamp);
        free(e->index);
        e->stamps = 2 * s->room;
        e->stamp = calloc(e->stamps, sizeof *e->stamp);
        e->index = malloc(e->stamps * sizeof *e->index);
        e->epoch = 0;
        if (!e->stamp || !e->index) return s->status = NO_MEMORY;
    }
    if (e->room < most) {
        e->room = most;
        ref **lists[] = {&e->list, &e->sorted, &e->fresh};
        double **numbers[] = {&e->held, &e->reached, &e->constant, &e->child, &e->least};
        for (int i = 0; i < 3; i++) {
            ref *wider = realloc(*lists[i], most * sizeof(ref));
            if (!wider) return s->status = NO_MEMORY;
            *lists[i] = wider;
        }
        for (int i = 0; i < 5; i++) {
            double *wider = realloc(*numbers[i], most * sizeof(double));
            if (!wider) return s->status = NO_MEMORY;
            *numbers[i] = wider;
        }
    }
    return OK;
}

/* All references below a root, itself included, those of deeper levels first; terminals are left out. */
static uint32_t gather(Sides *e, ref root)
{
    Store *s = &e->kernel->bdd;
    uint32_t found = 0, levels = e->kernel->levels;
    if (widen(e, 1024)) return 0;
    e->epoch++;
    e->list[found++] = root;
    e->stamp[root] = e->epoch;
    for (uint32_t done = 0; done < found; done++) {
        ref f = e->list[done];
        Node n = s->node[f >> 1];
        ref child[2] = {n.high ^ (f & 1), n.low ^ (f & 1)};
        if (found + 2 > e->room && widen(e, e->room * 2)) return 0;
        for (int i = 0; i < 2; i++)
            if (child[i] > 1 && e->stamp[child[i]] != e->epoch) e->stamp[child[i]] = e->epoch, e->list[found++] = child[i];
    }
    uint32_t *start = calloc((size_t)levels + 2, sizeof *start);
    if (!start) {
        s->status = NO_MEMORY;
        return 0;
    }
    for (uint32_t i = 0; i < found; i++) start[levels - level_of(s, e->list[i])]++;
    for (uint32_t l = 1; l <= levels; l++) start[l] += start[l - 1];
    for (uint32_t i = 0; i < found; i++) {
        uint32_t at = start[levels - 1 - level_of(s, e->list[i])]++;
        e->sorted[at] = e->list[i];
        e->index[e->list[i]] = at;
    }
    free(start);
    return found;
}

static double held_of(const Sides *e, ref f) { return f <= 1 ? f : e->held[e->index[f]]; }

/* What it costs from below if a node becomes false, or its child that lies below it: by `falling`, the high one. */
static void costs(Sides *e, uint32_t found, ref root, int falling)
{
    Store *s = &e->kernel->bdd;
    for (uint32_t i = 0; i < found; i++) {
        ref f = e->sorted[i];
        Node n = s->node[f >> 1];
        double p = e->weight[n.level];
        e->held[i] = p * held_of(e, n.high ^ (f & 1)) + (1.0 - p) * held_of(e, n.low ^ (f & 1));
        e->reached[i] = 0.0;
    }
    e->reached[e->index[root]] = 1.0;
    for (uint32_t i = found; i-- > 0;) {
        ref f = e->sorted[i];
        Node n = s->node[f >> 1];
        ref high = n.high ^ (f & 1), low = n.low ^ (f & 1);
        double p = e->weight[n.level], gained = held_of(e, high) - held_of(e, low);
        if (high > 1) e->reached[e->index[high]] += e->reached[i] * p;
        if (low > 1) e->reached[e->index[low]] += e->reached[i] * (1.0 - p);
        e->constant[i] = e->reached[i] * e->held[i];
        e->child[i] = !e->monotone ? 2.0 : e->reached[i] * (falling ? -(1.0 - p) * gained : p * gained);
        e->least[i] = e->child[i] < e->constant[i] ? e->child[i] : e->constant[i];
    }
}

/* The same where it is small enough; otherwise one of few nodes that never holds where f does not. */
static ref below_it(Sides *e, ref f, int falling)
{
    Store *s = &e->kernel->bdd;
    if (f <= 1 || s->status) return f;
    uint32_t found = gather(e, f);
    if (found <= e->size || s->status) return f;
    costs(e, found, f, falling);
    qsort(e->least, found, sizeof *e->least, larger_first);
    double enough = e->least[e->size / 4 * 3];
    for (uint32_t i = 0; i < found && !s->status; i++) {
        ref g = e->sorted[i];
        Node n = s->node[g >> 1];
        ref high = n.high ^ (g & 1), low = n.low ^ (g & 1);
        ref one = high > 1 ? e->fresh[e->index[high]] : high, other = low > 1 ? e->fresh[e->index[low]] : low;
        if (e->constant[i] > enough && e->child[i] > enough) e->fresh[i] = choice(s, n.level, one, other);
        else e->fresh[i] = e->constant[i] <= e->child[i] ? 0 : falling ? one : other;
    }
    return s->status ? 0 : e->fresh[found - 1];
}

static ref small(Sides *e, ref f, int up) { return up ? below_it(e, f ^ 1, 1) ^ 1 : below_it(e, f, 0); }

static void clear_room(Sides *e, ref *made)
{
    if (!crowded(&e->kernel->bdd)) return;
    uint32_t roots = 0;
    for (int up = 0; up < 2; up++) {
        for (uint32_t i = 0; i < e->known; i++)
            if (e->last[i] >= e->now) e->root[roots++] = &e->value[up][i];
        for (uint32_t i = 0; i < e->inputs; i++) e->root[roots++] = &e->input[up][i];
        e->root[roots++] = &e->done[up];
    }
    for (uint32_t i = 0; i < e->rows; i++) e->root[roots++] = &e->row[i];
    e->root[roots++] = made;
    sweep(&e->kernel->bdd, e->root, roots);
}

static ref side(Sides *e, int32_t kind, uint32_t k, int up)
{
    Store *s = &e->kernel->bdd;
    ref made = kind == ATLEAST ? 0 : e->input[up][0];
    deepest_first(s, e->input[up], e->spare, e->inputs);
    if (kind == ATLEAST) {
        e->rows = k + 1;
        for (uint32_t j = 0; j <= k; j++) e->row[j] = j == 0;
        for (uint32_t i = 0; i < e->inputs && !s->status; i++)
            for (uint32_t j = k; j && !s->status; j--) {
                e->row[j] = small(e, join(s, e->row[j], meet(s, e->input[up][i], e->row[j - 1])), up);
                clear_room(e, &made);
            }
        made = e->row[k];
        e->rows = 0;
        return made;
    }
    made = e->input[up][0];
    for (uint32_t i = 1; i < e->inputs && !s->status; i++) {
        ref one = e->input[up][i];
        made = small(e, kind == AND ? meet(s, made, one) : join(s, made, one), up);
        clear_room(e, &made);
    }
    return made;
}

/* One holds and the other does not: for certain below, possibly above. */
static void parity(Sides *e)
{
    Store *s = &e->kernel->bdd;
    ref nothing = 0;
    e->done[0] = e->input[0][0], e->done[1] = e->input[1][0];
    for (uint32_t i = 1; i < e->inputs && !s->status; i++) {
        ref low = e->done[0], high = e->done[1];
        ref a = meet(s, low, e->input[1][i] ^ 1), b = meet(s, high ^ 1, e->input[0][i]);
        ref c = meet(s, high, e->input[0][i] ^ 1), d = meet(s, low ^ 1, e->input[1][i]);
        ref first = join(s, a, b), second = join(s, c, d);
        e->done[0] = small(e, first, 0);
        e->done[1] = small(e, second, 1);
        clear_room(e, &nothing);
    }
}

static void enclose_gate(Sides *e, const int32_t *at)
{
    ref nothing = 0;
    e->inputs = (uint32_t)at[2];
    for (uint32_t i = 0; i < e->inputs; i++) {
        uint32_t sign = (uint32_t)at[3 + i] & 1, from = (uint32_t)at[3 + i] >> 1;
        for (int up = 0; up < 2; up++) e->input[up][i] = e->value[up ^ (int)sign][from] ^ sign;
    }
    if (at[0] == XOR) {
        parity(e);
    } else {
        e->done[0] = side(e, at[0], (uint32_t)at[1], 0);
        e->done[1] = side(e, at[0], (uint32_t)at[1], 1);
    }
    for (int up = 0; up < 2; up++) e->value[up][e->known] = e->done[up], e->done[up] = 0;
    e->inputs = 0;
    e->known++;
    e->now++;
    clear_room(e, &nothing);
}

static int enclose_all(Sides *e, const int32_t *program, int32_t length, const int32_t *place)
{
    const int32_t *end = program + length;
    Store *s = &e->kernel->bdd;
    uint32_t gates = 0, levels = e->kernel->levels;
    for (; e->known < levels && !s->status; e->known++) {
        int32_t level = place[e->known];
        if (level < 0 || (uint32_t)level >= levels) s->status = WRONG;
        else e->value[0][e->known] = e->value[1][e->known] = choice(s, (uint32_t)level, 1, 0);
    }
    for (const int32_t *at = program, *next; at < end && !s->status; at = next, gates++) {
        next = checked(at, end, levels + gates);
        if (!next) s->status = WRONG;
        for (int32_t i = 0; next && i < at[2]; i++) e->last[at[3 + i] >> 1] = gates + 1;
    }
    e->last[levels + gates - (gates > 0)] = gates + 1;
    e->now = 1;
    for (const int32_t *at = program; at < end && !s->status; at += 3 + at[2]) enclose_gate(e, at);
    return s->status;
}

/* Tables of the diagrams below and above a program. weight[l]: by what chance the nodes of a level are weighed. */
int afterword_enclose(const int32_t *program, int32_t length, const int32_t *place, int32_t levels, const double *weight,
                      int32_t size, int32_t monotone, Table *lower, Table *upper)
{
    memset(lower, 0, sizeof *lower);
    memset(upper, 0, sizeof *upper);
    if (levels < 1 || levels > DEEPEST || length < 4 || size < 1 || size > 1 << 20) return WRONG;
    Kernel *kernel = calloc(1, sizeof *kernel);
    if (!kernel) return NO_MEMORY;
    kernel->levels = (uint32_t)levels;
    uint32_t store = (uint32_t)size * STORE > LEAST_STORE ? (uint32_t)size * STORE : LEAST_STORE;
    int status = prepare(&kernel->bdd, store);
    kernel->bdd.effort = (uint64_t)size * EFFORT + 16ull * LEAST_STORE;
    size_t most = (size_t)levels + (size_t)length + 2;
    Sides e = {kernel, weight, (uint32_t)size, .monotone = monotone};
    for (int up = 0; up < 2; up++) e.value[up] = calloc(most, sizeof(ref)), e.input[up] = calloc(most, sizeof(ref));
    e.spare = malloc(most * sizeof(ref)), e.row = malloc(most * sizeof(ref));
    e.last = calloc(most, sizeof *e.last), e.root = malloc(6 * most * sizeof *e.root);
    if (!e.value[0] || !e.value[1] || !e.input[0] || !e.input[1] || !e.spare || !e.row || !e.last || !e.root) status = NO_MEMORY;
    if (!status) status = enclose_all(&e, program, length, place);
    if (!status) status = fill(&kernel->bdd, e.value[0][e.known - 1], 1, kernel->levels, lower);
    if (!status) status = fill(&kernel->bdd, e.value[1][e.known - 1], 1, kernel->levels, upper);
    for (int up = 0; up < 2; up++) free(e.value[up]), free(e.input[up]);
    free(e.spare), free(e.row), free(e.last), free(e.root), free(e.stamp), free(e.index), free(e.list), free(e.sorted);
    free(e.fresh), free(e.held), free(e.reached), free(e.constant), free(e.child), free(e.least);
    afterword_close(kernel);
    return status;
}
