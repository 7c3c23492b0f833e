package dev.ternion.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.ternion.Traversals;
import dev.ternion.api.ResourceCatalog;
import dev.ternion.api.ResourceNames;
import dev.ternion.api.SpecFixtures;
import dev.ternion.api.SpecMapper;
import dev.ternion.api.v1.DataSpec;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.PlainLinesFormat;
import dev.ternion.api.v1.PlainLinesFormat.ClassFile;
import dev.ternion.api.v1.TabularFormat;
import java.io.ByteArrayInputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** S-7: the names that try to lead out of a folder, in every field of a request that names a file or is part of a path. */
class HostileNamesTest {
    @TempDir
    Path folder;

    static Stream<String> names() {
        return Traversals.names().stream();
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void refused(Call call) {
        assertThatThrownBy(call::run).isInstanceOf(Refusal.class);
    }

    /** Files of a format, in a folder of files that were sent. */
    @ParameterizedTest
    @MethodSource("names")
    void filesOfADataset(String name) throws Exception {
        Path sent = Files.createDirectories(folder.resolve("sent/a")).getParent();
        Files.writeString(sent.resolve("train.tsv"), "x");
        Files.writeString(folder.resolve("secret.txt"), "secret");
        TabularFormat good =
                TabularFormat.newBuilder().setTrainFile("train.tsv").build();
        DatasetFiles.requireInside(DatasetFormat.newBuilder().setTabular(good).build(), sent);
        List<DatasetFormat> formats = List.of(
                DatasetFormat.newBuilder()
                        .setTabular(good.toBuilder().setTrainFile(name))
                        .build(),
                DatasetFormat.newBuilder()
                        .setTabular(good.toBuilder().setEvalFile(name))
                        .build(),
                DatasetFormat.newBuilder()
                        .setPlainLines(PlainLinesFormat.newBuilder()
                                .addClasses(ClassFile.newBuilder().setFile("train.tsv"))
                                .addClasses(ClassFile.newBuilder().setFile(name)))
                        .build());
        formats.forEach(format -> refused(() -> DatasetFiles.requireInside(format, sent)));
    }

    /** The name under which an import gets a file that was uploaded before. */
    @ParameterizedTest
    @MethodSource("names")
    void filesUploadedBefore(String name) throws Exception {
        try (UploadFolder upload = new UploadFolder(folder.resolve("uploads"), 100)) {
            refused(() -> upload.add(name, new ByteArrayInputStream(new byte[1])));
        }
        try (Stream<Path> left = Files.walk(folder)) {
            assertThat(left).containsExactlyInAnyOrder(folder, folder.resolve("uploads"));
        }
    }

    /** Ids become names of folders. */
    @ParameterizedTest
    @MethodSource("names")
    void idsAndNamesOfResources(String name) {
        refused(() -> Requests.newId("id", name));
        for (ResourceNames kind : ResourceNames.values()) {
            refused(() -> Requests.id(kind, "name", name));
            refused(() -> Requests.id(kind, "name", kind.name(name)));
            refused(() -> Requests.id(kind, "name", kind.name("an-id/" + name)));
        }
        String jobs = ResourceNames.JOB.name("");
        refused(() -> CheckpointReading.name(name));
        refused(() -> CheckpointReading.name(jobs + name + "/checkpoints/1"));
        refused(() -> CheckpointReading.name(jobs + "a-job/checkpoints/" + name));
        refused(() -> Requests.requireParent(name));
    }

    /** Files of models are looked for among those that the model has. */
    @ParameterizedTest
    @MethodSource("names")
    void filesOfAModel(String name) throws Exception {
        Files.writeString(folder.resolve("secret.txt"), "secret");
        Path model = Files.createDirectories(folder.resolve("models/a-model/a"));
        Files.writeString(model.resolve("b"), "x");
        ModelFiles files = new ModelFiles(new FolderModels(folder.resolve("models")));
        assertThat(files.find("name", ResourceNames.MODEL.name("a-model/files/a/b")))
                .isNotNull();
        refused(() -> files.find("name", ResourceNames.MODEL.name("a-model/files/" + name)));
        refused(() -> files.find("name", ResourceNames.MODEL.name(name + "/files/a/b")));
        refused(() -> files.find("name", name));
    }

    /** What a job names is looked for only when it is an id. */
    @ParameterizedTest
    @MethodSource("names")
    void whatAJobNames(String name) {
        DataSpec data = SpecFixtures.data();
        JobSpec.Builder fineTune = SpecFixtures.fineTune().toBuilder();
        JobSpec.Builder qat = SpecFixtures.qat().toBuilder();
        JobSpec.Builder evaluate = SpecFixtures.evaluate().toBuilder();
        List<JobSpec> specs = new ArrayList<>();
        for (String wanted : List.of(name, ResourceNames.MODEL.name(name), ResourceNames.DATASET.name(name))) {
            DataSpec other = data.toBuilder().setDataset(wanted).build();
            specs.add(with(fineTune, b -> b.getFineTuneBuilder().setModel(wanted)));
            specs.add(with(fineTune, b -> b.getFineTuneBuilder().setOutputModel(wanted)));
            specs.add(with(fineTune, b -> b.getFineTuneBuilder().setData(other)));
            specs.add(with(qat, b -> b.getQatBuilder().setTeacher(wanted)));
            specs.add(with(qat, b -> b.getQatBuilder().setOutputModel(wanted)));
            specs.add(with(qat, b -> b.getQatBuilder().setData(other)));
            specs.add(with(evaluate, b -> b.getEvaluateBuilder().setModel(wanted)));
            specs.add(with(evaluate, b -> b.getEvaluateBuilder().setData(other)));
        }
        for (JobSpec spec : specs) {
            List<dev.ternion.api.Violation> found = new ArrayList<>();
            SpecMapper.read(spec, "a-job", onlyIds(), found);
            assertThat(found).as("%s", spec).isNotEmpty();
        }
    }

    private interface Change {
        void to(JobSpec.Builder spec);
    }

    private static JobSpec with(JobSpec.Builder spec, Change change) {
        JobSpec.Builder changed = spec.clone();
        change.to(changed);
        return changed.build();
    }

    /** A catalog that is never asked for what is no id. */
    private static ResourceCatalog onlyIds() {
        ResourceCatalog catalog = SpecFixtures.catalog();
        return (ResourceCatalog) Proxy.newProxyInstance(
                ResourceCatalog.class.getClassLoader(),
                new Class<?>[] {ResourceCatalog.class},
                (proxy, method, arguments) -> {
                    if (method.getName().startsWith("find")) {
                        assertThat((String) arguments[0]).matches(ResourceNames::isId, "is an id");
                    }
                    try {
                        return method.invoke(catalog, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void goodOnesAreTaken() {
        List<dev.ternion.api.Violation> found = new ArrayList<>();
        for (JobSpec spec : List.of(SpecFixtures.fineTune(), SpecFixtures.qat(), SpecFixtures.evaluate())) {
            SpecMapper.read(spec, "a-job", onlyIds(), found);
        }
        assertThat(found).isEmpty();
    }
}
