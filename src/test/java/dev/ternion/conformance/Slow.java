package dev.ternion.conformance;

/** Products as plain loops and the normal distribution in double, written from the formulas alone. */
final class Slow {
    private Slow() {}

    /** c[m, n] = op(a) op(b), stored transposed where asked. */
    static double[] product(double[] a, boolean transA, double[] b, boolean transB, int m, int n, int k) {
        double[] c = new double[m * n];
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                for (int l = 0; l < k; l++) {
                    c[i * n + j] += (transA ? a[l * m + i] : a[i * k + l]) * (transB ? b[j * k + l] : b[l * n + j]);
                }
            }
        }
        return c;
    }

    static double[] columnSums(double[] x, int rows, int cols) {
        double[] sums = new double[cols];
        for (int i = 0; i < rows * cols; i++) {
            sums[i % cols] += x[i];
        }
        return sums;
    }

    /** The standard normal density. */
    static double density(double x) {
        return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    }

    /** Its integral up to x: 1/2 + density(x) (x + x^3/3 + x^5/(3 5) + ...). Ref: [GELU] */
    static double normal(double x) {
        if (Math.abs(x) > 9) {
            return x < 0 ? 0 : 1;
        }
        double term = x, sum = x;
        for (int i = 3; Math.abs(term) > 1e-18 * Math.abs(sum); i += 2) {
            term *= x * x / i;
            sum += term;
        }
        return 0.5 + density(x) * sum;
    }

    /** Called for every (map element, query row, key row, head) with a valid key. */
    interface PairVisitor {
        void visit(int map, int query, int key, int head);
    }

    static void pairs(Size size, PairVisitor visitor) {
        int[] starts = size.starts();
        int map = 0;
        for (int b = 0; b < size.valid().length; b++) {
            int rows = size.lengths()[b];
            for (int h = 0; h < size.heads(); h++) {
                for (int i = 0; i < rows; i++) {
                    for (int j = 0; j < rows; j++, map++) {
                        if (j < size.valid()[b]) {
                            visitor.visit(map, starts[b] + i, starts[b] + j, h);
                        }
                    }
                }
            }
        }
    }

    static int mapElements(Size size) {
        int elements = 0;
        for (int length : size.lengths()) {
            elements += length * length * size.heads();
        }
        return elements;
    }

    /** to[map] = factor <a[query], b[key]> of the pair's head: scores, and gradients of maps. */
    static double[] dots(Size size, double[] a, double[] b, double factor) {
        double[] to = new double[mapElements(size)];
        pairs(size, (map, query, key, head) -> {
            for (int d = head * size.headDim(); d < (head + 1) * size.headDim(); d++) {
                to[map] += factor * a[query * size.width() + d] * b[key * size.width() + d];
            }
        });
        return to;
    }

    /** to[query] += factor map b[key]: contexts, and gradients of queries. */
    static double[] toQueries(Size size, double[] maps, double[] b, double factor) {
        double[] to = new double[size.rows() * size.width()];
        pairs(size, (map, query, key, head) -> {
            for (int d = head * size.headDim(); d < (head + 1) * size.headDim(); d++) {
                to[query * size.width() + d] += factor * maps[map] * b[key * size.width() + d];
            }
        });
        return to;
    }

    /** to[key] += factor map a[query]: gradients of keys and values. */
    static double[] toKeys(Size size, double[] maps, double[] a, double factor) {
        double[] to = new double[size.rows() * size.width()];
        pairs(size, (map, query, key, head) -> {
            for (int d = head * size.headDim(); d < (head + 1) * size.headDim(); d++) {
                to[key * size.width() + d] += factor * maps[map] * a[query * size.width() + d];
            }
        });
        return to;
    }
}
