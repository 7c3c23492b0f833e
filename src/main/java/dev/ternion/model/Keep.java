package dev.ternion.model;

/** Which signals of a forward pass are wanted. What no one wants and nothing needs is not computed. */
public record Keep(boolean scores, boolean map, boolean context, boolean output, boolean attention, boolean hidden) {
    /** Logits only. */
    public static final Keep NOTHING = new Keep(false, false, false, false, false, false);

    /** Everything, for tests and inspection. */
    public static final Keep ALL = new Keep(true, true, true, true, true, true);

    /** What this or the other wants. */
    public Keep or(Keep other) {
        return new Keep(
                scores || other.scores,
                map || other.map,
                context || other.context,
                output || other.output,
                attention || other.attention,
                hidden || other.hidden);
    }
}
