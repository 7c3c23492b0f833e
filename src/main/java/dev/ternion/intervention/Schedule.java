package dev.ternion.intervention;

import java.util.List;

/**
 * Which site is replaced at which step: a pure function of the step. Ref: [TI] 2.4
 *
 * @param kind how the sites follow each other
 * @param steps length T1 of the intervention phase (step 1), in optimizer steps, at least 1
 * @param fixedSite the site of {@link Kind#FIXED}; ignored otherwise, may be null
 * @param fractions borders of the stages as fractions of {@code steps}, ascending in (0, 1), two of them; used by GRADUAL
 *     (default 1/6 and 1/3) and INVERTED (default 1/3 and 2/3)
 */
public record Schedule(Kind kind, int steps, Site fixedSite, List<Double> fractions) {
    /** The schedules of the paper. */
    public enum Kind {
        /** One site for all steps. */
        FIXED,
        /** OUTPUT, then CONTEXT, then MAP (TI-G). */
        GRADUAL,
        /** MAP, then CONTEXT, then OUTPUT. */
        INVERTED,
        /** Each step one of the three, uniformly, from (seed, step). */
        STOCHASTIC
    }

    /** Stage borders of TI-G. */
    public static final List<Double> GRADUAL_FRACTIONS = List.of(1.0 / 6, 1.0 / 3);

    /** Stage borders of the inverted schedule. */
    public static final List<Double> INVERTED_FRACTIONS = List.of(1.0 / 3, 2.0 / 3);

    public Schedule {
        fractions = List.copyOf(fractions);
    }

    /** TI-G over {@code steps} steps. */
    public static Schedule gradual(int steps) {
        return new Schedule(Kind.GRADUAL, steps, null, GRADUAL_FRACTIONS);
    }

    /** One site for {@code steps} steps. */
    public static Schedule fixed(Site site, int steps) {
        return new Schedule(Kind.FIXED, steps, site, List.of());
    }

    /**
     * The site replaced at a step of the intervention phase.
     *
     * @param seed seed of the arm, used by STOCHASTIC alone
     * @param step from 0 to {@code steps} - 1
     */
    public Site at(long seed, int step) {
        return switch (kind) {
            case FIXED -> fixedSite;
            case GRADUAL -> staged(step, Site.OUTPUT, Site.CONTEXT, Site.MAP);
            case INVERTED -> staged(step, Site.MAP, Site.CONTEXT, Site.OUTPUT);
            case STOCHASTIC -> STOCHASTIC_SITES[(int) Long.remainderUnsigned(mix(seed, step), STOCHASTIC_SITES.length)];
        };
    }

    private Site staged(int step, Site first, Site second, Site third) {
        if (step < fractions.get(0) * steps) {
            return first;
        }
        return step < fractions.get(1) * steps ? second : third;
    }

    private static final Site[] STOCHASTIC_SITES = {Site.OUTPUT, Site.CONTEXT, Site.MAP};

    /** SplitMix64 finalizer over seed and step: the draw depends on nothing else. */
    private static long mix(long seed, int step) {
        long z = seed * 0x9E3779B97F4A7C15L + (step + 1) * 0xD1B54A32D192ED03L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return (z ^ (z >>> 31)) >>> 1;
    }
}
