package dev.ternion.api;

import dev.ternion.quant.QuantSpec;
import dev.ternion.quant.QuantSpec.Granularity;
import dev.ternion.quant.QuantSpec.WeightRule;

/** Reads and writes {@link QuantSpec}. */
final class QuantMapper {
    private static final Range CLIP = Range.above(0).to(1000);

    private QuantMapper() {}

    static QuantSpec read(dev.ternion.api.v1.QuantSpec proto, Fields fields) {
        QuantSpec absent = Defaults.QUANT;
        Granularity weights = fields.constant(
                "weight_granularity",
                proto.getWeightGranularity(),
                "GRANULARITY_",
                Granularity.class,
                absent.weightGranularity());
        return new QuantSpec(
                fields.constant("weights", proto.getWeights(), "WEIGHT_RULE_", WeightRule.class, absent.weights()),
                weights,
                group(proto.getWeightGroup(), weights, fields),
                fields.real("weight_clip", proto.hasWeightClip(), proto.getWeightClip(), absent.weightClip(), CLIP),
                fields.integer("activation_bits", proto.getActivationBits(), absent.activationBits(), 1, 8),
                activations(proto, fields),
                fields.real(
                        "activation_clip",
                        proto.hasActivationClip(),
                        proto.getActivationClip(),
                        absent.activationClip(),
                        CLIP),
                proto.hasEmbeddings() ? proto.getEmbeddings() : absent.embeddings(),
                proto.hasPooler() ? proto.getPooler() : absent.pooler(),
                proto.hasAttention() ? proto.getAttention() : absent.attention());
    }

    static dev.ternion.api.v1.QuantSpec write(QuantSpec quant) {
        return dev.ternion.api.v1.QuantSpec.newBuilder()
                .setWeights(dev.ternion.api.v1.QuantSpec.WeightRule.valueOf(
                        "WEIGHT_RULE_" + quant.weights().name()))
                .setWeightGranularity(granularity(quant.weightGranularity()))
                .setWeightGroup(quant.weightGroup())
                .setWeightClip(quant.weightClip())
                .setActivationBits(quant.activationBits())
                .setActivationGranularity(granularity(quant.activationGranularity()))
                .setActivationClip(quant.activationClip())
                .setEmbeddings(quant.embeddings())
                .setPooler(quant.pooler())
                .setAttention(quant.attention())
                .build();
    }

    private static int group(int group, Granularity weights, Fields fields) {
        if (weights != Granularity.GROUP) {
            if (group != 0) {
                fields.problem(
                        "weight_group", "is " + group + " with granularity " + weights + ", wanted absent or GROUP");
            }
            return 0;
        }
        if (group < 4 || group % 4 != 0) {
            fields.problem("weight_group", "is " + group + " with granularity GROUP, wanted a multiple of 4 from 4");
        }
        return group;
    }

    private static Granularity activations(dev.ternion.api.v1.QuantSpec proto, Fields fields) {
        Granularity read = fields.constant(
                "activation_granularity",
                proto.getActivationGranularity(),
                "GRANULARITY_",
                Granularity.class,
                Defaults.QUANT.activationGranularity());
        if (read == Granularity.GROUP) {
            fields.problem("activation_granularity", "is GROUP, wanted TENSOR or ROW");
        }
        return read;
    }

    private static dev.ternion.api.v1.QuantSpec.Granularity granularity(Granularity granularity) {
        return dev.ternion.api.v1.QuantSpec.Granularity.valueOf("GRANULARITY_" + granularity.name());
    }
}
