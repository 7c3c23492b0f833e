package dev.ternion.model.bert;

import dev.ternion.model.LayerNorm;
import dev.ternion.model.Parameters;
import dev.ternion.model.Pass;
import dev.ternion.quant.Quantizer;
import dev.ternion.tensor.Parameter;
import dev.ternion.tensor.Tape;
import dev.ternion.tensor.Tensor;
import dev.ternion.tensor.Top;
import dev.ternion.tensor.ops.Add;
import dev.ternion.tensor.ops.Dropout;
import dev.ternion.tensor.ops.Embedding;

/** Word, position and type embeddings, layer norm, dropout. Only word embeddings are quantized, row by row. */
final class Embeddings {
    private final Parameter words;
    private final Parameter positions;
    private final Parameter types;
    private final LayerNorm norm;
    private final Quantizer quantizer;

    Embeddings(Parameters parameters, BertConfig config, Quantizer quantizer) {
        words = parameters.create("embeddings.word_embeddings.weight", config.vocabulary(), config.hidden());
        positions = parameters.create("embeddings.position_embeddings.weight", config.positions(), config.hidden());
        types = parameters.create("embeddings.token_type_embeddings.weight", config.types(), config.hidden());
        norm = new LayerNorm(parameters, "embeddings.LayerNorm", config.hidden(), config.eps());
        this.quantizer = quantizer;
    }

    /** X_0 [T, D]. */
    Tensor forward(Pass pass, TokenBatch batch) {
        Tape tape = pass.tape();
        long rows = batch.layout().rows();
        Tensor word = quantizer.embeddings(tape, Embedding.of(tape, words, batch.ids(), rows));
        Tensor placed = Add.of(tape, word, Embedding.of(tape, positions, batch.positions(), rows));
        Tensor sum = Add.of(tape, placed, Embedding.of(tape, types, batch.types(), rows));
        Top top = quantizer.inputTop(tape);
        return Dropout.of(tape, norm.forward(tape, sum, pass.dropout() == 0 ? top : null), pass.mask(0), top);
    }
}
