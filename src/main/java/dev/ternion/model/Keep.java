package dev.ternion.model;

import dev.ternion.intervention.Site;

/**
 * Which signals of a forward pass are wanted. What no one wants and nothing needs is not computed.
 *
 * <p>Scores and maps are wanted in one of two forms. As tensors ({@code scores}, {@code map}): then attention makes and stores
 * whole maps. By their operands ({@code operands}), or not at all: then no map is ever stored. Both give the same bytes.
 */
public record Keep(
        boolean scores,
        boolean map,
        boolean context,
        boolean output,
        boolean attention,
        boolean hidden,
        boolean operands) {
    /** Logits only. */
    public static final Keep NOTHING = new Keep(false, false, false, false, false, false, false);

    /** Everything, for tests and inspection. */
    public static final Keep ALL = new Keep(true, true, true, true, true, true, true);

    /** What this or the other wants. */
    public Keep or(Keep other) {
        return new Keep(
                scores || other.scores,
                map || other.map,
                context || other.context,
                output || other.output,
                attention || other.attention,
                hidden || other.hidden,
                operands || other.operands);
    }

    /** Whether attention stores whole maps: where someone wants their elements. */
    public boolean wholeMaps() {
        return scores || map;
    }

    /** The signals that a student which keeps this takes from its teacher where {@code site} is replaced; null: none. */
    public Keep replacing(Site site) {
        return new Keep(
                false,
                site == Site.MAP && wholeMaps(),
                site == Site.CONTEXT,
                site == Site.OUTPUT,
                false,
                false,
                site == Site.MAP && !wholeMaps());
    }
}
