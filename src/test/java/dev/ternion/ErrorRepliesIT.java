package dev.ternion;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.QuotaFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;
import dev.ternion.api.v1.Arm;
import dev.ternion.api.v1.ArtifactServiceGrpc;
import dev.ternion.api.v1.CreateJobRequest;
import dev.ternion.api.v1.DatasetFormat;
import dev.ternion.api.v1.DatasetServiceGrpc;
import dev.ternion.api.v1.DownloadArtifactRequest;
import dev.ternion.api.v1.FileChunk;
import dev.ternion.api.v1.GetDatasetRequest;
import dev.ternion.api.v1.GetModelRequest;
import dev.ternion.api.v1.ImportDatasetHeader;
import dev.ternion.api.v1.ImportDatasetRequest;
import dev.ternion.api.v1.ImportModelHeader;
import dev.ternion.api.v1.ImportModelRequest;
import dev.ternion.api.v1.Job;
import dev.ternion.api.v1.JobServiceGrpc;
import dev.ternion.api.v1.JobSpec;
import dev.ternion.api.v1.ModelServiceGrpc;
import dev.ternion.api.v1.QatSpec;
import dev.ternion.api.v1.TabularFormat;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServiceDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every method of the real server, called with hostile values: no answer tells about the server. */
class ErrorRepliesIT {
    private static final List<ServiceDescriptor> SERVICES = List.of(
            JobServiceGrpc.getServiceDescriptor(),
            ModelServiceGrpc.getServiceDescriptor(),
            DatasetServiceGrpc.getServiceDescriptor(),
            ArtifactServiceGrpc.getServiceDescriptor());

    private static final List<Class<? extends Message>> DETAILS = List.of(
            ErrorInfo.class,
            BadRequest.class,
            PreconditionFailure.class,
            QuotaFailure.class,
            ResourceInfo.class,
            RetryInfo.class);

    private static final List<Pattern> NEVER = List.of(
            Pattern.compile("\\bat [a-z]+\\.[\\w.$]+\\(|\\.java:\\d|Caused by"),
            Pattern.compile("\\b(dev|java|javax|jdk|io|com|org)(\\.[a-z0-9_]+)+\\.[A-Z]\\w+"),
            Pattern.compile("\\b\\w+(Exception|Error)\\b"),
            Pattern.compile("(?i)\\bselect\\b.+\\bfrom\\b|\\binsert into\\b|\\bconstraint\\b|sqlite|jdbc|postgres"),
            Pattern.compile("127\\.0\\.0\\.1|localhost|\\[::1]"),
            Pattern.compile("(?<![\\w.])/(tmp|home|root|usr|opt|var|work|dev|proc|data)/"));

    @TempDir
    static Path folder;

    private static TinyServer server;
    private static ManagedChannel channel;

    private final List<String> told = new ArrayList<>();
    private final Set<Code> codes = EnumSet.noneOf(Code.class);
    private final Set<String> unexpected = new TreeSet<>();
    private int errors;

    @BeforeAll
    static void start() throws Exception {
        server = new TinyServer(folder).filled();
        Path set = Files.createDirectories(server.imports.resolve("set"));
        Files.writeString(set.resolve("train.tsv"), "sentence\tverdict\na\t0\nb\t1\nc\t0\t\n");
        channel = NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        server.close();
    }

    @Test
    void hostileValues_inEveryFieldOfEveryMethod() throws Exception {
        int methods = 0;
        for (ServiceDescriptor service : SERVICES) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                int before = errors;
                callAll(method);
                assertThat(errors).as(method.getFullMethodName()).isGreaterThan(before);
                methods++;
            }
        }
        assertThat(methods).isGreaterThanOrEqualTo(17);
        assertThat(unexpected).isEmpty();
        assertThat(told).isEmpty();
        assertThat(codes).contains(Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.OUT_OF_RANGE);
    }

    private <Q, R> void callAll(MethodDescriptor<Q, R> method) throws Exception {
        var schema = (ProtoMethodDescriptorSupplier) method.getSchemaDescriptor();
        for (Message message : HostileRequests.of(schema.getMethodDescriptor().getInputType())) {
            Q request = method.parseRequest(new ByteArrayInputStream(message.toByteArray()));
            look(method.getFullMethodName() + " " + message, () -> call(method, request));
        }
    }

    private static <Q, R> void call(MethodDescriptor<Q, R> method, Q request) throws Exception {
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MINUTES);
        if (method.getType() == MethodType.UNARY) {
            ClientCalls.blockingUnaryCall(channel, method, options, request);
        } else if (method.getType() == MethodType.SERVER_STREAMING) {
            try (Context.CancellableContext stream = Context.current().withCancellation()) {
                stream.call(() -> ClientCalls.blockingServerStreamingCall(channel, method, options, request)
                        .next());
            }
        } else {
            stream(method, options, List.of(request));
        }
    }

    private static <Q, R> void stream(MethodDescriptor<Q, R> method, CallOptions options, List<Q> requests)
            throws Exception {
        CompletableFuture<R> answer = new CompletableFuture<>();
        StreamObserver<Q> client =
                ClientCalls.asyncClientStreamingCall(channel.newCall(method, options), new Answer<>(answer));
        requests.forEach(client::onNext);
        client.onCompleted();
        try {
            answer.get(2, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw (StatusRuntimeException) e.getCause();
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    /** Makes a call and reads its error, if it is one. */
    private void look(String what, Call call) throws Exception {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            errors++;
            codes.add(e.getStatus().getCode());
            String text = text(e);
            if (Set.of(Code.INTERNAL, Code.UNKNOWN, Code.CANCELLED, Code.DEADLINE_EXCEEDED)
                    .contains(e.getStatus().getCode())) {
                unexpected.add(shorten(what) + ": " + shorten(text));
            }
            read(what, text);
        }
    }

    private void read(String what, String text) {
        String ours = text;
        for (String value : HostileRequests.VALUES) {
            ours = ours.replace(value, "");
        }
        String rest = ours;
        if (text.contains(HostileRequests.TOKEN)
                || rest.contains(folder.toString())
                || NEVER.stream().anyMatch(never -> never.matcher(rest).find())) {
            told.add(shorten(what) + ": " + shorten(text));
        }
    }

    private static String shorten(String text) {
        return text.substring(0, Math.min(400, text.length()));
    }

    private static String text(StatusRuntimeException e) throws Exception {
        StringBuilder text =
                new StringBuilder(e.getStatus().getCode() + " " + e.getStatus().getDescription());
        if (e.getTrailers() != null) {
            text.append(' ').append(e.getTrailers().keys());
        }
        Status status = StatusProto.fromThrowable(e);
        for (Any any : status == null ? List.<Any>of() : status.getDetailsList()) {
            for (Class<? extends Message> type : DETAILS) {
                if (any.is(type)) {
                    strings(any.unpack(type), text);
                }
            }
        }
        return text.toString();
    }

    /** All strings of a message as they are. */
    private static void strings(Message message, StringBuilder text) {
        message.getAllFields().forEach((field, value) -> {
            for (Object one : value instanceof List<?> list ? list : List.of(value)) {
                if (one instanceof Message inner) {
                    strings(inner, text);
                } else {
                    text.append(' ').append(one);
                }
            }
        });
    }

    private static ImportModelRequest header(String id, String path) {
        return ImportModelRequest.newBuilder()
                .setHeader(ImportModelHeader.newBuilder().setModelId(id).setServerPath(path))
                .build();
    }

    private static ImportModelRequest chunk(String path, byte[] data) {
        return ImportModelRequest.newBuilder()
                .setChunk(FileChunk.newBuilder()
                        .setPath(path)
                        .setData(ByteString.copyFrom(data))
                        .setLast(true))
                .build();
    }

    @Test
    void damagedFiles_thatAreSentOrStored() throws Exception {
        CallOptions options = CallOptions.DEFAULT;
        var importModel = ModelServiceGrpc.getImportModelMethod();
        for (String name : List.of("model.safetensors", "model.onnx", "m.jar", "pytorch_model.bin", "other")) {
            byte[] zip = {'P', 'K', 3, 4, 0, 0, 0};
            look(name, () -> stream(importModel, options, List.of(header("bad-model", ""), chunk(name, zip))));
            Path path = Files.createDirectories(server.imports.resolve("bad-" + name));
            Files.write(path.resolve(name), zip);
            look(name, () -> stream(importModel, options, List.of(header("bad-model", "bad-" + name))));
            look(name, () -> stream(importModel, options, List.of(header("bad-model", "bad-" + name + "/" + name))));
        }
        assertThat(errors).isEqualTo(15);
        assertThat(unexpected).isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void damagedFiles_ofTheServer() throws Exception {
        Path encoder = server.data.resolve("models/encoder");
        GetModelRequest get = GetModelRequest.newBuilder()
                .setName("projects/default/models/encoder")
                .build();
        damaged(encoder.resolve("config.json"), () -> call(ModelServiceGrpc.getGetModelMethod(), get));
        DownloadArtifactRequest download = DownloadArtifactRequest.newBuilder()
                .setName("projects/default/models/encoder/files/config.json")
                .build();
        damaged(
                encoder.resolve("manifest.json"),
                () -> call(ArtifactServiceGrpc.getDownloadArtifactMethod(), download));
        GetDatasetRequest set = GetDatasetRequest.newBuilder()
                .setName("projects/default/datasets/tiny-task")
                .build();
        Path facts = server.data.resolve("datasets/tiny-task/dataset.json");
        damaged(facts, () -> call(DatasetServiceGrpc.getGetDatasetMethod(), set));
        assertThat(errors).isEqualTo(3);
        assertThat(codes).containsExactly(Code.DATA_LOSS);
        assertThat(told).isEmpty();
    }

    private void damaged(Path file, Call call) throws Exception {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, new byte[] {'{'});
        try {
            look(file + " is cut", call);
        } finally {
            Files.write(file, whole);
        }
    }

    /** A client takes 8 KiB of headers unless it is told otherwise; an error travels in them. */
    @Test
    void veryManyProblems_reachAClient() throws Exception {
        Path rows = Files.createDirectories(server.imports.resolve("rows"));
        Files.writeString(rows.resolve("train.tsv"), "sentence\tverdict\n" + "one\ttwo\tthree\n".repeat(500));
        ImportDatasetRequest table = ImportDatasetRequest.newBuilder()
                .setHeader(ImportDatasetHeader.newBuilder()
                        .setDatasetId("bad-rows")
                        .setServerPath("rows")
                        .setFormat(DatasetFormat.newBuilder()
                                .setTabular(TabularFormat.newBuilder()
                                        .setTrainFile("train.tsv")
                                        .setTextA("sentence")
                                        .setLabel("verdict"))))
                .build();
        look("rows", () -> stream(DatasetServiceGrpc.getImportDatasetMethod(), CallOptions.DEFAULT, List.of(table)));
        QatSpec.Builder arms = QatSpec.newBuilder().setTeacher("?".repeat(3000));
        for (int i = 0; i < 300; i++) {
            arms.addArms(Arm.newBuilder().setName("?".repeat(300)));
        }
        CreateJobRequest job = CreateJobRequest.newBuilder()
                .setJob(Job.newBuilder().setSpec(JobSpec.newBuilder().setQat(arms)))
                .build();
        look("arms", () -> call(JobServiceGrpc.getCreateJobMethod(), job));
        assertThat(errors).isEqualTo(2);
        assertThat(codes).containsExactly(Code.INVALID_ARGUMENT);
    }

    @Test
    void bytesThatAreNoMessage() throws Exception {
        for (ServiceDescriptor service : SERVICES) {
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                MethodDescriptor<byte[], byte[]> raw = MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(method.getType())
                        .setFullMethodName(method.getFullMethodName())
                        .setRequestMarshaller(new Bytes())
                        .setResponseMarshaller(new Bytes())
                        .build();
                int before = errors;
                look(method.getFullMethodName(), () -> call(raw, new byte[] {(byte) 0xff, 1, 2, 3}));
                assertThat(errors).as(method.getFullMethodName()).isEqualTo(before + 1);
            }
        }
        MethodDescriptor<byte[], byte[]> absent = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodType.UNARY)
                .setFullMethodName("ternion.v1.JobService/Absent")
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        look("absent", () -> call(absent, new byte[0]));
        assertThat(codes).contains(Code.UNIMPLEMENTED);
        assertThat(told).isEmpty();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return new byte[0];
        }
    }

    private record Answer<R>(CompletableFuture<R> future) implements StreamObserver<R> {
        @Override
        public void onNext(R message) {
            future.complete(message);
        }

        @Override
        public void onError(Throwable thrown) {
            future.completeExceptionally(thrown);
        }

        @Override
        public void onCompleted() {}
    }
}
