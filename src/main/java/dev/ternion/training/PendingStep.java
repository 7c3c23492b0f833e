package dev.ternion.training;

import dev.ternion.backend.PendingRead;
import dev.ternion.intervention.Site;
import java.util.Map;

/** A step that has been started. Its losses are read when they are wanted, best after the next step has been started too. */
public final class PendingStep {
    private final int number;
    private final double learningRate;
    private final Site site;
    private final LossBoard.Terms terms;
    private final PendingRead read;

    PendingStep(int number, double learningRate, Site site, LossBoard.Terms terms, PendingRead read) {
        this.number = number;
        this.learningRate = learningRate;
        this.site = site;
        this.terms = terms;
        this.read = read;
    }

    /** Number of the step, from 0. */
    public int number() {
        return number;
    }

    /** The rate, before any head factor. */
    public double learningRate() {
        return learningRate;
    }

    /** The replaced site, or null. */
    public Site site() {
        return site;
    }

    /**
     * Waits for the step and tells its unweighted loss parts with "total". To be called once.
     *
     * @throws NonFiniteLoss when one is not finite; neither this step nor a later one has updated anything then
     */
    public Map<String, Double> losses() {
        Map<String, Double> sums = terms.sums(read.finish());
        NonFiniteLoss.check(number, sums);
        return sums;
    }
}
