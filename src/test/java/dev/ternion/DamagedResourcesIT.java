package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.rpc.ErrorInfo;
import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DeleteDatasetRequest;
import dev.ternion.api.v1.DeleteModelRequest;
import dev.ternion.api.v1.GetDatasetRequest;
import dev.ternion.api.v1.GetModelRequest;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.ListDatasetsRequest;
import dev.ternion.api.v1.ListDatasetsResponse;
import dev.ternion.api.v1.ListFilesRequest;
import dev.ternion.api.v1.ListModelsRequest;
import dev.ternion.api.v1.ListModelsResponse;
import dev.ternion.api.v1.Model;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.recipe.Workspace;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A model or data set with damaged files hides no other; who asks for it hears what is wrong and what to do, and that can be done. */
class DamagedResourcesIT {
    private static final String MODELS = "projects/default/models/";
    private static final String DATASETS = "projects/default/datasets/";

    @TempDir
    Path folder;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(ResourceFolders.class);
    private TinyServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        log.start();
        logger.addAppender(log);
        server = new TinyServer(folder).filled();
        channel =
                ManagedChannelBuilder.forTarget(server.address()).usePlaintext().build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.close();
        logger.detachAppender(log);
    }

    private ModelServiceGrpc.ModelServiceBlockingStub models() {
        return ModelServiceGrpc.newBlockingStub(channel);
    }

    private DatasetServiceGrpc.DatasetServiceBlockingStub datasets() {
        return DatasetServiceGrpc.newBlockingStub(channel);
    }

    /** A copy of one that is whole. */
    private Path copy(String kind, String from, String id) throws Exception {
        Path to = Files.createDirectory(server.data.resolve(kind).resolve(id));
        try (Stream<Path> files = Files.list(server.data.resolve(kind).resolve(from))) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    private static void cut(Path file) throws Exception {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    }

    private static void assertCorrupt(String reason, String file, Callable<?> call) {
        StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call::call);
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.DATA_LOSS);
        assertThat(refused.getMessage()).contains(file, "delete it", "import");
        assertThat(StatusProto.fromThrowable(refused).getDetailsList())
                .filteredOn(detail -> detail.is(ErrorInfo.class))
                .map(detail -> detail.unpack(ErrorInfo.class).getReason())
                .containsExactly(reason);
    }

    @Test
    void damagedModels() throws Exception {
        cut(copy("models", "encoder", "cut-manifest").resolve("manifest.json"));
        Files.delete(copy("models", "encoder", "no-config").resolve("config.json"));
        Files.writeString(copy("models", "encoder", "no-kind").resolve("ternion.json"), "{}");
        Files.writeString(copy("models", "encoder", "nothing").resolve("ternion.json"), "null");
        copy("models", "encoder", "zero-whole");
        List<String> corrupt = List.of("cut-manifest", "no-config", "no-kind", "nothing");

        ListModelsRequest.Builder pages = ListModelsRequest.newBuilder().setPageSize(1);
        ListModelsResponse first = models().listModels(pages.build());
        ListModelsResponse last =
                models().listModels(pages.setPageToken(first.getNextPageToken()).build());
        assertThat(first.getModelsList()).map(Model::getName).containsExactly(MODELS + "encoder");
        assertThat(first.getUnreachableList()).isEmpty();
        assertThat(last.getModelsList()).map(Model::getName).containsExactly(MODELS + "zero-whole");
        assertThat(last.getNextPageToken()).isEmpty();
        assertThat(last.getUnreachableList())
                .isEqualTo(corrupt.stream().map(id -> MODELS + id).toList());

        assertModelCorrupt("cut-manifest", "manifest.json");
        assertModelCorrupt("no-config", "config.json");
        assertModelCorrupt("no-kind", "ternion.json");
        assertModelCorrupt("nothing", "ternion.json");
        assertThat(log.list)
                .map(ILoggingEvent::getFormattedMessage)
                .containsExactlyElementsOf(corrupt.stream()
                        .map(id -> "DATA_LOSS: model " + id + " cannot be read")
                        .toList());

        for (String id : corrupt) {
            models().deleteModel(
                            DeleteModelRequest.newBuilder().setName(MODELS + id).build());
        }
        ListModelsResponse after = models().listModels(ListModelsRequest.getDefaultInstance());
        assertThat(after.getModelsCount()).isEqualTo(2);
        assertThat(after.getUnreachableList()).isEmpty();
        Path hf = folder.resolve("imports/hf");
        assertThat(server.run("models", "import", "no-kind", hf.toString()).code())
                .isZero();
    }

    private void assertModelCorrupt(String id, String file) {
        String place = "models/" + id + "/" + file;
        String told = file.equals("ternion.json") ? file : place;
        GetModelRequest get = GetModelRequest.newBuilder().setName(MODELS + id).build();
        assertCorrupt("MODEL_CORRUPT", told, () -> models().getModel(get));
        ListFilesRequest files =
                ListFilesRequest.newBuilder().setParent(MODELS + id).build();
        assertCorrupt(
                "MODEL_CORRUPT",
                told,
                () -> ArtifactServiceGrpc.newBlockingStub(channel).listFiles(files));
        if (!file.equals("manifest.json")) {
            CreateJobRequest.Builder create = CreateJobRequest.newBuilder();
            create.getJobBuilder().setSpec(KilledServerIT.fineTune(3));
            create.getJobBuilder().getSpecBuilder().getFineTuneBuilder().setModel(id);
            assertCorrupt(
                    "MODEL_CORRUPT",
                    told,
                    () -> JobServiceGrpc.newBlockingStub(channel).createJob(create.build()));
        }
    }

    @Test
    void damagedDataSets() throws Exception {
        Path corrupt = copy("datasets", "tiny-task", "cut-facts").resolve("dataset.json");
        byte[] whole = Files.readAllBytes(corrupt);
        cut(corrupt);
        ListDatasetsResponse list = datasets().listDatasets(ListDatasetsRequest.getDefaultInstance());
        assertThat(list.getDatasetsList()).map(dataset -> dataset.getName()).containsExactly(DATASETS + "tiny-task");
        assertThat(list.getUnreachableList()).containsExactly(DATASETS + "cut-facts");
        GetDatasetRequest get =
                GetDatasetRequest.newBuilder().setName(DATASETS + "cut-facts").build();
        assertCorrupt(
                "DATASET_CORRUPT",
                "datasets/cut-facts/dataset.json",
                () -> datasets().getDataset(get));
        TinyServer.Result told = server.run("datasets", "list");
        assertThat(told.err()).contains("tiny-task", "cut-facts cannot be read");
        assertThat(told.json().at("/unreachable/0").asText()).isEqualTo(DATASETS + "cut-facts");
        assertThat(log.list).hasSize(1);

        Files.write(corrupt, whole);
        assertThat(datasets().getDataset(get).getTrainRows()).isPositive();
        cut(corrupt);
        assertCorrupt("DATASET_CORRUPT", "dataset.json", () -> datasets().getDataset(get));
        assertThat(log.list).hasSize(2);
        datasets()
                .deleteDataset(DeleteDatasetRequest.newBuilder()
                        .setName(DATASETS + "cut-facts")
                        .build());
        assertThat(datasets()
                        .listDatasets(ListDatasetsRequest.getDefaultInstance())
                        .getUnreachableList())
                .isEmpty();
    }

    /** A folder that goes while it is read was deleted, and one without a copy is none. */
    @Test
    void goneMeanwhile() throws Exception {
        Path gone = Files.createDirectories(folder.resolve("other/models/gone"));
        Workspace workspace = new Workspace(folder.resolve("other"));
        ResourceFolders folders = ResourceFolders.models(workspace, DurableCopies.NONE);
        Optional<String> found = folders.find("gone", (id, its) -> {
            Files.delete(gone);
            throw new IOException("no such file");
        });
        assertThat(found).isEmpty();
        assertThat(log.list).isEmpty();
    }
}
