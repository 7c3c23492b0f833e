package dev.ternion.artifact;

import java.util.Arrays;
import java.util.Optional;

/** The published models that the project is tested with: how to recognise one, its digests, its licence. */
enum KnownModel {
    MINILM(
            "all-minilm-l6-v2.onnx",
            "bf9521866c121a05bf7be34afe8f0e8468c313cbbd9737f3c7565a3398c1a061",
            "ca46f1a88a9c6e61b918af1ab38be3e7903b986616551f0a6f10a7ecc5730cd4",
            "Apache-2.0"),
    BGE_SMALL(
            "bge-small-en-v1.5.onnx",
            "9dff55ebd00d1448a88a0b836a642bd93a9248da8fb16907b4b95c60ccf781a4",
            "828e1496d7fabb79cfa4dcd84fa38625c0d3d21da474a00f08db0f559940cf35",
            "MIT"),
    BERT_BASE(
            "bert-uncased-L-12-H-768-A-12",
            "799a7cfc05f7a92d997e3ce27a42bce32712b04ce87f9175bf0fd9484c7e5623",
            "",
            "Apache-2.0");

    /** Last part of the name of the file that holds the weights. */
    final String weightsName;

    /** Digest of the published jar. */
    final String jarSha256;

    /** Digest of the weights' file by itself; empty where it is not published. */
    final String weightsSha256;

    /** SPDX identifier. */
    final String licence;

    KnownModel(String weightsName, String jarSha256, String weightsSha256, String licence) {
        this.weightsName = weightsName;
        this.jarSha256 = jarSha256;
        this.weightsSha256 = weightsSha256;
        this.licence = licence;
    }

    static Optional<KnownModel> withWeights(String path) {
        String last = path.substring(path.lastIndexOf('/') + 1);
        return Arrays.stream(values()).filter(m -> m.weightsName.equals(last)).findFirst();
    }
}
