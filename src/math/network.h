/* A network of conductances: the graph Laplacian of one component, one node of it grounded. */
#ifndef WELKIN_MATH_NETWORK_H
#define WELKIN_MATH_NETWORK_H

#include "welkin/status.h"

/* What joins two nodes: weight is minus the Laplacian's entry, noise minus the entry of a second
 * symmetric matrix whose rows add to zero, too (of either sign). */
typedef struct wk_link {
    int64_t a, b; /* the number of the network's nodes stands for the ground */
    double weight, noise;
} wk_link;

/* Neighbours of each node in ascending order; links that repeat a pair are added up.  Diagonals are
 * not kept: they are the sums of what is here. */
typedef struct wk_network {
    int64_t nodes;                        /* the ground not counted */
    int64_t *start;                       /* [nodes + 1] */
    int64_t *node;                        /* neighbours, each pair from both sides */
    double *weight, *noise;               /* beside node */
    double *ground_weight, *ground_noise; /* [nodes] to the ground */
} wk_network;

/* Build from links; free with wk_network_clear, also after a failure. */
wk_status wk_network_fill(wk_network *network, int64_t nodes, const wk_link *links, int64_t count,
                          wk_error *error);

/* product = noise matrix times x; the ground is at 0. */
void wk_network_noise(double *product, const wk_network *network, const double *x);

void wk_network_clear(wk_network *network);

#endif
