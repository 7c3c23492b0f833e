package dev.ternion.api;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.QatSpec;
import dev.ternion.training.Precision;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/** Between the wire's job specs and the records: all defaults filled in, all problems at once. */
public final class SpecMapper {
    private static final int MAX_SEEDS = 16;

    private SpecMapper() {}

    /**
     * Reads a spec and checks it without looking at stored models and data.
     *
     * @param jobId stands for an absent output_model
     * @throws InvalidRequest with all violations, paths from {@code spec}
     */
    public static JobSpec read(dev.ternion.api.v1.JobSpec proto, String jobId) {
        Fields fields = Fields.root("spec");
        JobSpec spec = read(proto, jobId, fields);
        requireNone(fields.violations());
        return spec;
    }

    /**
     * Reads a spec and checks it also against stored models and data.
     *
     * @throws InvalidRequest with all violations, paths from {@code spec}
     */
    public static JobSpec read(dev.ternion.api.v1.JobSpec proto, String jobId, ResourceCatalog catalog) {
        List<Violation> violations = new ArrayList<>();
        JobSpec spec = read(proto, jobId, catalog, violations);
        requireNone(violations);
        return spec;
    }

    /**
     * The same, with violations added to those there are.
     *
     * @return the spec, with defaults where it is wrong; null if it is of no kind
     */
    public static JobSpec read(
            dev.ternion.api.v1.JobSpec proto, String jobId, ResourceCatalog catalog, List<Violation> violations) {
        Fields fields = Fields.root("spec");
        JobSpec spec = read(proto, jobId, fields);
        if (spec != null) {
            new SpecCheck(catalog, fields).check(spec);
        }
        violations.addAll(fields.violations());
        return spec;
    }

    /** Writes a spec with every field given. */
    public static dev.ternion.api.v1.JobSpec write(JobSpec spec) {
        dev.ternion.api.v1.JobSpec.Builder proto = dev.ternion.api.v1.JobSpec.newBuilder();
        if (spec instanceof FineTuneSpec fineTune) {
            proto.setFineTune(write(fineTune));
        } else if (spec instanceof QatSpec qat) {
            proto.setQat(write(qat));
        } else if (spec instanceof EvaluateSpec evaluate) {
            proto.setEvaluate(write(evaluate));
        } else {
            throw new IllegalArgumentException("no message for " + spec.getClass());
        }
        return proto.build();
    }

    /** The bytes under which {@code jobs} keeps a spec. */
    public static byte[] encode(JobSpec spec) {
        return write(spec).toByteArray();
    }

    /** The message in the bytes of {@link #encode}. */
    public static dev.ternion.api.v1.JobSpec message(byte[] bytes) {
        try {
            return dev.ternion.api.v1.JobSpec.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("stored job spec of " + bytes.length + " bytes is damaged", e);
        }
    }

    /** The record in the bytes of {@link #encode}. */
    public static JobSpec decode(byte[] bytes) {
        return read(message(bytes), "");
    }

    /** Seeds of a job's trainings; none for EVALUATE. */
    public static List<Long> seeds(dev.ternion.api.v1.JobSpec proto) {
        return switch (proto.getKindCase()) {
            case FINE_TUNE -> List.of(proto.getFineTune().getSeed());
            case QAT -> proto.getQat().getSeedsList();
            default -> List.of();
        };
    }

    /** Name of the checkpoint at which the job begins; empty for none. */
    public static String beginAt(dev.ternion.api.v1.JobSpec proto) {
        return switch (proto.getKindCase()) {
            case FINE_TUNE -> proto.getFineTune().getCheckpoints().getBeginAt();
            case QAT -> proto.getQat().getCheckpoints().getBeginAt();
            default -> "";
        };
    }

    private static void requireNone(List<Violation> violations) {
        if (!violations.isEmpty()) {
            throw new InvalidRequest(violations);
        }
    }

    private static JobSpec read(dev.ternion.api.v1.JobSpec proto, String jobId, Fields fields) {
        return switch (proto.getKindCase()) {
            case FINE_TUNE -> read(proto.getFineTune(), jobId, fields.in("fine_tune"));
            case QAT -> read(proto.getQat(), jobId, fields.in("qat"));
            case EVALUATE -> read(proto.getEvaluate(), fields.in("evaluate"));
            case KIND_NOT_SET -> {
                fields.problem("", "is absent, wanted one of fine_tune, qat, evaluate");
                yield null;
            }
        };
    }

    private static FineTuneSpec read(dev.ternion.api.v1.FineTuneSpec proto, String jobId, Fields fields) {
        return new FineTuneSpec(
                fields.reference("model", proto.getModel(), ResourceNames.MODEL),
                DataMapper.read(proto.hasData(), proto.getData(), fields.in("data")),
                fields.constant("pooling", proto.getPooling(), "POOLING_", FineTuneSpec.Pooling.class, null),
                TrainingMapper.readBudget(proto.getBudget(), fields.in("budget")),
                TrainingMapper.readOptimizer(proto.getOptimizer(), fields.in("optimizer")),
                fields.dropout(proto.hasDropout(), proto.getDropout()),
                proto.hasSeed() ? proto.getSeed() : Defaults.SEED,
                fields.newId("output_model", proto.getOutputModel(), jobId),
                fields.device(proto.getDevice()),
                fields.deviceMemory(proto.getDeviceMemoryMib()),
                CheckpointMapper.read(proto.getCheckpoints(), fields.in("checkpoints")));
    }

    private static QatSpec read(dev.ternion.api.v1.QatSpec proto, String jobId, Fields fields) {
        return new QatSpec(
                fields.reference("teacher", proto.getTeacher(), ResourceNames.MODEL),
                DataMapper.read(proto.hasData(), proto.getData(), fields.in("data")),
                QuantMapper.read(proto.getQuant(), fields.in("quant")),
                TrainingMapper.readBudget(proto.getBudget(), fields.in("budget")),
                ArmMapper.readAll(proto.getArmsList(), fields),
                seeds(proto.getSeedsList(), fields),
                fields.dropout(proto.hasDropout(), proto.getDropout()),
                fields.newId("output_model", proto.getOutputModel(), jobId),
                fields.device(proto.getDevice()),
                fields.constant("precision", proto.getPrecision(), "PRECISION_", Precision.class, Defaults.PRECISION),
                fields.deviceMemory(proto.getDeviceMemoryMib()),
                CheckpointMapper.read(proto.getCheckpoints(), fields.in("checkpoints")));
    }

    private static EvaluateSpec read(dev.ternion.api.v1.EvaluateSpec proto, Fields fields) {
        return new EvaluateSpec(
                fields.reference("model", proto.getModel(), ResourceNames.MODEL),
                DataMapper.read(proto.hasData(), proto.getData(), fields.in("data")),
                TrainingMapper.batchSize(proto.getBatchSize(), fields),
                fields.device(proto.getDevice()),
                fields.deviceMemory(proto.getDeviceMemoryMib()));
    }

    private static List<Long> seeds(List<Long> seeds, Fields fields) {
        if (seeds.size() > MAX_SEEDS) {
            fields.problem("seeds", "has " + seeds.size() + " seeds, wanted 1 to " + MAX_SEEDS);
        }
        if (new HashSet<>(seeds).size() < seeds.size()) {
            fields.problem("seeds", "is " + seeds + ", wanted seeds that differ");
        }
        return seeds.isEmpty() ? List.of(Defaults.SEED) : seeds;
    }

    private static dev.ternion.api.v1.FineTuneSpec write(FineTuneSpec spec) {
        dev.ternion.api.v1.FineTuneSpec.Builder proto = dev.ternion.api.v1.FineTuneSpec.newBuilder()
                .setModel(spec.model())
                .setData(DataMapper.write(spec.data()))
                .setBudget(TrainingMapper.write(spec.budget()))
                .setOptimizer(TrainingMapper.write(spec.optimizer()))
                .setDropout(spec.dropout())
                .setSeed(spec.seed())
                .setOutputModel(spec.outputModel())
                .setDevice(spec.device())
                .setDeviceMemoryMib(spec.deviceMemoryMib())
                .setCheckpoints(CheckpointMapper.write(spec.checkpoints()));
        if (spec.pooling() != null) {
            proto.setPooling(dev.ternion.api.v1.FineTuneSpec.Pooling.valueOf(
                    "POOLING_" + spec.pooling().name()));
        }
        return proto.build();
    }

    private static dev.ternion.api.v1.QatSpec write(QatSpec spec) {
        return dev.ternion.api.v1.QatSpec.newBuilder()
                .setTeacher(spec.teacher())
                .setData(DataMapper.write(spec.data()))
                .setQuant(QuantMapper.write(spec.quant()))
                .setBudget(TrainingMapper.write(spec.budget()))
                .addAllArms(spec.arms().stream().map(ArmMapper::write).toList())
                .addAllSeeds(spec.seeds())
                .setDropout(spec.dropout())
                .setOutputModel(spec.outputModel())
                .setDevice(spec.device())
                .setDeviceMemoryMib(spec.deviceMemoryMib())
                .setPrecision(dev.ternion.api.v1.QatSpec.Precision.valueOf(
                        "PRECISION_" + spec.precision().name()))
                .setCheckpoints(CheckpointMapper.write(spec.checkpoints()))
                .build();
    }

    private static dev.ternion.api.v1.EvaluateSpec write(EvaluateSpec spec) {
        return dev.ternion.api.v1.EvaluateSpec.newBuilder()
                .setModel(spec.model())
                .setData(DataMapper.write(spec.data()))
                .setBatchSize(spec.batchSize())
                .setDevice(spec.device())
                .setDeviceMemoryMib(spec.deviceMemoryMib())
                .build();
    }
}
