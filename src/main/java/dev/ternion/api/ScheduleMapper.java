package dev.ternion.api;

import dev.ternion.intervention.Schedule;
import dev.ternion.intervention.Schedule.Kind;
import dev.ternion.intervention.Site;
import java.util.List;

/** Reads and writes {@link Schedule}. */
final class ScheduleMapper {
    private ScheduleMapper() {}

    static Schedule read(dev.ternion.api.v1.Schedule proto, Fields fields) {
        Kind kind = fields.constant("kind", proto.getKind(), "KIND_", Kind.class, Kind.GRADUAL);
        int steps = fields.integer("steps", proto.getSteps(), Defaults.INTERVENTION_STEPS, 1, 100_000_000);
        return new Schedule(kind, steps, site(proto, kind, fields), fractions(proto, kind, fields));
    }

    static dev.ternion.api.v1.Schedule write(Schedule schedule) {
        dev.ternion.api.v1.Schedule.Builder proto = dev.ternion.api.v1.Schedule.newBuilder()
                .setKind(dev.ternion.api.v1.Schedule.Kind.valueOf(
                        "KIND_" + schedule.kind().name()))
                .setSteps(schedule.steps())
                .addAllFractions(schedule.fractions());
        if (schedule.fixedSite() != null) {
            proto.setFixedSite(dev.ternion.api.v1.Site.valueOf(
                    "SITE_" + schedule.fixedSite().name()));
        }
        return proto.build();
    }

    private static Site site(dev.ternion.api.v1.Schedule proto, Kind kind, Fields fields) {
        Site site = fields.constant("fixed_site", proto.getFixedSite(), "SITE_", Site.class, null);
        if (kind == Kind.FIXED && (site == null || site == Site.SCORES)) {
            fields.problem("fixed_site", "is " + (site == null ? "absent" : site) + ", wanted MAP, CONTEXT or OUTPUT");
        }
        if (kind != Kind.FIXED && site != null) {
            fields.problem("fixed_site", "is " + site + " with kind " + kind + ", wanted absent or kind FIXED");
        }
        return kind == Kind.FIXED ? site : null;
    }

    private static List<Double> fractions(dev.ternion.api.v1.Schedule proto, Kind kind, Fields fields) {
        List<Double> given = proto.getFractionsList();
        boolean staged = kind == Kind.GRADUAL || kind == Kind.INVERTED;
        if (given.isEmpty() || !staged) {
            if (!given.isEmpty()) {
                fields.problem("fractions", "is " + given + " with kind " + kind + ", wanted absent");
            }
            return staged ? stages(kind) : List.of();
        }
        boolean good = given.size() == 2 && given.get(0) > 0 && given.get(0) < given.get(1) && given.get(1) < 1;
        if (!good) {
            fields.problem("fractions", "is " + given + ", wanted two rising numbers between 0 and 1");
        }
        return good ? given : stages(kind);
    }

    private static List<Double> stages(Kind kind) {
        return kind == Kind.GRADUAL ? Schedule.GRADUAL_FRACTIONS : Schedule.INVERTED_FRACTIONS;
    }
}
