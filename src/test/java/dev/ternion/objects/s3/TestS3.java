package dev.ternion.objects.s3;

import dev.ternion.objects.ObjectStore;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;
import org.jclouds.blobstore.domain.MultipartUpload;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A real S3 server, which checks signatures and keeps its objects in memory. It can be stopped and started again at its address. */
public final class TestS3 implements AutoCloseable {
    public static final String KEY = "some-key";
    public static final String SECRET = "some-secret";

    private final BlobStoreContext blobs = ContextBuilder.newBuilder(new TransientApiMetadata())
            .credentials("identity", "credential")
            .overrides(new Properties())
            .build(BlobStoreContext.class);
    private S3Proxy server;
    private int port;
    private int buckets;

    /** Starts it. */
    public TestS3() throws Exception {
        start();
    }

    /** Starts it again. */
    public void start() throws Exception {
        server = S3Proxy.builder()
                .blobStore(blobs.getBlobStore())
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .awsAuthentication(AuthenticationType.AWS_V4, KEY, SECRET)
                .build();
        server.start();
        port = server.getPort();
    }

    /** It answers no more; objects stay. */
    public void stop() throws Exception {
        server.stop();
    }

    /** Its address. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + port);
    }

    S3Client client(URI endpoint, String secret) {
        return S3Clients.of(new Bucket("any", "", Optional.of(endpoint)))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(KEY, secret)))
                .build();
    }

    /** A new bucket. */
    public Bucket bucket() {
        Bucket bucket = new Bucket("bucket-" + ++buckets, "some/prefix/", Optional.of(endpoint()));
        try (S3Client client = client(endpoint(), SECRET)) {
            client.createBucket(request -> request.bucket(bucket.name()));
        }
        return bucket;
    }

    /** Objects of a bucket. */
    public ObjectStore store(Bucket bucket) {
        return new S3Store(client(endpoint(), SECRET), bucket, Parts.SIZE);
    }

    /** Uploads in parts that were neither completed nor given up. */
    List<MultipartUpload> unfinished(Bucket bucket) {
        return blobs.getBlobStore().listMultipartUploads(bucket.name());
    }

    @Override
    public void close() throws Exception {
        server.stop();
        blobs.close();
    }
}
