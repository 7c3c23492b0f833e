package dev.ternion.api;

import dev.ternion.api.v1.Arm;
import dev.ternion.intervention.Schedule;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.ArmSpec.Role;
import dev.ternion.training.OptimizerSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads and writes {@link ArmSpec}. */
final class ArmMapper {
    private static final int MAX_ARMS = 8;
    private static final Pattern NAME = Pattern.compile("[a-z]([a-z0-9-]{0,30}[a-z0-9])?");

    private ArmMapper() {}

    static List<ArmSpec> readAll(List<Arm> protos, Fields fields) {
        if (protos.isEmpty()) {
            return Defaults.arms();
        }
        if (protos.size() > MAX_ARMS) {
            fields.problem("arms", "has " + protos.size() + " arms, wanted 1 to " + MAX_ARMS);
        }
        Set<String> names = new HashSet<>();
        List<ArmSpec> arms = new ArrayList<>();
        for (int i = 0; i < protos.size(); i++) {
            Fields arm = fields.in("arms", i);
            arms.add(read(protos.get(i), arm));
            if (!names.add(protos.get(i).getName())) {
                arm.problem("name", "is \"" + protos.get(i).getName() + "\" a second time, wanted names that differ");
            }
        }
        return arms;
    }

    static Arm write(ArmSpec arm) {
        Arm.Builder proto = Arm.newBuilder()
                .setName(arm.name())
                .setRole(Arm.Role.valueOf("ROLE_" + arm.role().name()))
                .setLosses(LossMapper.write(arm.losses()))
                .setOptimizer(TrainingMapper.write(arm.optimizer()));
        if (arm.schedule() != null) {
            proto.setSchedule(ScheduleMapper.write(arm.schedule()));
            proto.setInterventionOptimizer(TrainingMapper.write(arm.interventionOptimizer()));
        }
        return proto.build();
    }

    private static ArmSpec read(Arm proto, Fields fields) {
        if (!NAME.matcher(proto.getName()).matches()) {
            fields.problem("name", "is \"" + proto.getName() + "\", wanted " + NAME + ", 1 to 32 characters");
        }
        Schedule schedule =
                proto.hasSchedule() ? ScheduleMapper.read(proto.getSchedule(), fields.in("schedule")) : null;
        OptimizerSpec optimizer = TrainingMapper.readOptimizer(proto.getOptimizer(), fields.in("optimizer"));
        return new ArmSpec(
                proto.getName(),
                role(proto, schedule, fields),
                schedule,
                LossMapper.read(proto.getLosses(), fields.in("losses")),
                interventionOptimizer(proto, optimizer, fields),
                optimizer);
    }

    private static Role role(Arm proto, Schedule schedule, Fields fields) {
        Role absent = schedule == null ? Role.CONTROL : Role.INTERVENTION;
        Role role = fields.constant("role", proto.getRole(), "ROLE_", Role.class, absent);
        if (role == Role.CONTROL && schedule != null) {
            fields.problem("role", "is CONTROL with a schedule, wanted no schedule, or INTERVENTION or ABLATION");
        }
        if (role == Role.INTERVENTION && schedule == null) {
            fields.problem("role", "is INTERVENTION without a schedule, wanted a schedule, or CONTROL or ABLATION");
        }
        return role;
    }

    private static OptimizerSpec interventionOptimizer(Arm proto, OptimizerSpec optimizer, Fields fields) {
        if (!proto.hasInterventionOptimizer()) {
            return proto.hasSchedule() ? optimizer : null;
        }
        if (!proto.hasSchedule()) {
            fields.problem("intervention_optimizer", "is given without a schedule, wanted absent or a schedule");
            return null;
        }
        return TrainingMapper.readOptimizer(proto.getInterventionOptimizer(), fields.in("intervention_optimizer"));
    }
}
