/**
 * A worker's calls to its server over gRPC.
 *
 * <p>Entry: {@link dev.ternion.worker.grpc.GrpcLink}.
 */
package dev.ternion.worker.grpc;
