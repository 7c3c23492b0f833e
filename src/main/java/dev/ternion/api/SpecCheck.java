package dev.ternion.api;

import dev.ternion.api.ResourceCatalog.DatasetFacts;
import dev.ternion.api.ResourceCatalog.ModelFacts;
import dev.ternion.api.ResourceCatalog.ModelKind;
import dev.ternion.quant.QuantSpec;
import dev.ternion.recipe.DataSpec;
import dev.ternion.recipe.JobSpec;
import dev.ternion.recipe.evaluate.EvaluateSpec;
import dev.ternion.recipe.finetune.FineTuneSpec;
import dev.ternion.recipe.qat.ArmSpec;
import dev.ternion.recipe.qat.QatSpec;
import java.util.Optional;

/**
 * Checks a spec against the stored models and data sets that it names. A reference that could not be read is skipped.
 */
final class SpecCheck {
    private final ResourceCatalog catalog;
    private final Fields root;

    SpecCheck(ResourceCatalog catalog, Fields root) {
        this.catalog = catalog;
        this.root = root;
    }

    void check(JobSpec spec) {
        if (spec instanceof FineTuneSpec fineTune) {
            fineTune(fineTune, root.in("fine_tune"));
        } else if (spec instanceof QatSpec qat) {
            qat(qat, root.in("qat"));
        } else if (spec instanceof EvaluateSpec evaluate) {
            evaluate(evaluate, root.in("evaluate"));
        }
    }

    private void fineTune(FineTuneSpec spec, Fields fields) {
        Optional<ModelFacts> model = model("model", spec.model(), fields);
        Optional<DatasetFacts> data = dataset(spec.data(), true, fields);
        model.filter(ModelFacts::quantized)
                .ifPresent(m -> fields.problem(
                        "model", "is " + spec.model() + ", a quantized student, wanted a full-precision model"));
        model.ifPresent(m -> length(spec.data(), m, fields));
        free("output_model", spec.outputModel(), fields);
        device(spec, fields);
    }

    private void qat(QatSpec spec, Fields fields) {
        Optional<ModelFacts> teacher = model("teacher", spec.teacher(), fields);
        Optional<DatasetFacts> data = dataset(spec.data(), true, fields);
        teacher.ifPresent(t -> {
            if (t.quantized() || t.kind() == ModelKind.STUDENT) {
                fields.problem(
                        "teacher", "is " + spec.teacher() + ", a quantized student, wanted a full-precision model");
            } else {
                head("teacher", spec.teacher(), t, data, fields);
            }
            length(spec.data(), t, fields);
            group(spec.quant(), t, fields.in("quant"));
        });
        data.ifPresent(d -> schedules(spec, d, fields));
        exactSums(spec, fields);
        outputs(spec, fields);
        device(spec, fields);
    }

    private void evaluate(EvaluateSpec spec, Fields fields) {
        Optional<ModelFacts> model = model("model", spec.model(), fields);
        Optional<DatasetFacts> data = dataset(spec.data(), false, fields);
        model.ifPresent(m -> {
            head("model", spec.model(), m, data, fields);
            length(spec.data(), m, fields);
        });
        device(spec, fields);
    }

    private void device(JobSpec spec, Fields fields) {
        catalog.deviceProblem(spec.device()).ifPresent(why -> fields.problem("device", "cannot be opened: " + why));
    }

    private Optional<ModelFacts> model(String field, String id, Fields fields) {
        Optional<ModelFacts> found = id.isEmpty() ? Optional.empty() : catalog.findModel(id);
        if (found.isEmpty() && !id.isEmpty()) {
            fields.problem(field, "is " + id + ", which does not exist; import it, or list the models to see which do");
        }
        return found;
    }

    private Optional<DatasetFacts> dataset(DataSpec data, boolean trains, Fields parent) {
        Fields fields = parent.in("data");
        String id = data.dataset();
        Optional<DatasetFacts> found = id.isEmpty() ? Optional.empty() : catalog.findDataset(id);
        if (found.isEmpty() && !id.isEmpty()) {
            fields.problem(
                    "dataset", "is " + id + ", which does not exist; import it, or list the data sets to see which do");
        }
        found.filter(d -> trains && d.trainRows() == 0)
                .ifPresent(d -> fields.problem("dataset", "is " + id + ", which has no rows to train on"));
        found.filter(d -> d.evalRows() == 0)
                .ifPresent(d -> fields.problem("dataset", "is " + id + ", which has no rows to evaluate on"));
        return found;
    }

    private static void head(String field, String id, ModelFacts model, Optional<DatasetFacts> dataset, Fields fields) {
        if (model.kind() == ModelKind.ENCODER) {
            fields.problem(field, "is " + id + ", an encoder without a task head; fine-tune it first");
            return;
        }
        dataset.ifPresent(data -> {
            if (model.taskKind() != data.taskKind()) {
                fields.problem(
                        field,
                        "is " + id + ", made for " + model.taskKind() + ", wanted one for " + data.taskKind()
                                + " like the data set");
            } else if (!model.labels().equals(data.labels())) {
                fields.problem(
                        field,
                        "is " + id + " with labels " + model.labels() + ", wanted the data set's labels "
                                + data.labels());
            }
        });
    }

    private static void length(DataSpec data, ModelFacts model, Fields fields) {
        if (data.maxLength() > model.positions()) {
            fields.in("data")
                    .problem(
                            "max_length",
                            "is " + data.maxLength() + ", wanted 4 to " + model.positions()
                                    + ", the model's positions");
        }
    }

    private static void exactSums(QatSpec spec, Fields fields) {
        int length = spec.data().maxLength();
        if (spec.quant().attention() && length > QuantSpec.MOST_TOKENS) {
            fields.in("data")
                    .problem(
                            "max_length",
                            "is " + length + ", wanted 4 to " + QuantSpec.MOST_TOKENS
                                    + ", where the products of quantized attention are exact");
        }
    }

    private static void group(QuantSpec quant, ModelFacts model, Fields fields) {
        int group = quant.weightGroup();
        if (group > 0 && (model.hidden() % group != 0 || model.intermediate() % group != 0)) {
            fields.problem(
                    "weight_group",
                    "is " + group + ", wanted a divisor of the layers' input sizes " + model.hidden() + " and "
                            + model.intermediate());
        }
    }

    private static void schedules(QatSpec spec, DatasetFacts data, Fields fields) {
        long rows =
                spec.data().trainRows() > 0 ? Math.min(spec.data().trainRows(), data.trainRows()) : data.trainRows();
        int total = spec.budget().totalSteps((int) Math.min(Integer.MAX_VALUE, rows));
        for (int i = 0; i < spec.arms().size(); i++) {
            ArmSpec arm = spec.arms().get(i);
            if (arm.schedule() != null && arm.schedule().steps() >= total) {
                fields.in("arms", i)
                        .in("schedule")
                        .problem(
                                "steps",
                                "is " + arm.schedule().steps() + ", wanted less than the " + total
                                        + " steps of the budget");
            }
        }
    }

    private void outputs(QatSpec spec, Fields fields) {
        for (ArmSpec arm : spec.arms()) {
            for (long seed : spec.seeds()) {
                String id = SpecReferences.studentId(spec.outputModel(), arm.name(), seed);
                if (!ResourceNames.isId(id)) {
                    fields.problem(
                            "output_model",
                            "makes the model id \"" + id + "\", wanted " + ResourceNames.ID_PATTERN
                                    + ", 4 to 63 characters");
                } else {
                    free("output_model", id, fields);
                }
            }
        }
    }

    private void free(String field, String id, Fields fields) {
        if (ResourceNames.isId(id) && catalog.findModel(id).isPresent()) {
            fields.problem(field, "makes the model " + id + ", which exists; choose another, or delete that model");
        }
    }
}
