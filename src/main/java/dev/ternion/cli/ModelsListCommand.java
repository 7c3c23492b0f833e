package dev.ternion.cli;

import dev.ternion.api.v1.ListModelsRequest;
import dev.ternion.api.v1.ListModelsResponse;
import dev.ternion.api.v1.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Lists models. */
@Command(name = "list", description = "Lists models by name.")
final class ModelsListCommand implements Callable<Integer> {
    private static final int PAGE = 500;

    private final Session session;

    ModelsListCommand(Session session) {
        this.session = session;
    }

    /** For example "ENCODER, 6 layers, hidden 384, 12 heads". */
    static String describe(Model model) {
        return kind(model) + ", " + model.getLayers() + " layers, hidden " + model.getHidden() + ", " + model.getHeads()
                + " heads";
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            ListModelsResponse.Builder all = ListModelsResponse.newBuilder();
            String token = "";
            do {
                ListModelsResponse page = connection
                        .models()
                        .listModels(ListModelsRequest.newBuilder()
                                .setPageSize(PAGE)
                                .setPageToken(token)
                                .build());
                all.addAllModels(page.getModelsList()).addAllUnreachable(page.getUnreachableList());
                token = page.getNextPageToken();
            } while (!token.isEmpty());
            table(all.getModelsList());
            all.getUnreachableList().forEach(name -> session.say(Names.id(name) + " cannot be read"));
            session.json(Json.print(all));
            return ExitCode.OK;
        }
    }

    private void table(List<Model> models) {
        List<List<String>> rows = new ArrayList<>();
        for (Model model : models) {
            rows.add(List.of(
                    Names.id(model.getName()),
                    kind(model),
                    Integer.toString(model.getLayers()),
                    Integer.toString(model.getHidden()),
                    String.format(Locale.ROOT, "%.1f MB", model.getSizeBytes() / 1e6),
                    String.join(", ", model.getLabelsList()),
                    model.getSource()));
        }
        List<String> head = List.of("model", "kind", "layers", "hidden", "size", "labels", "source");
        TextTable.print(session, head, rows, "no models");
    }

    private static String kind(Model model) {
        return switch (model.getKind()) {
            case KIND_ENCODER -> "ENCODER";
            case KIND_FINE_TUNED -> "FINE_TUNED";
            case KIND_STUDENT -> "STUDENT";
            case KIND_UNSPECIFIED, UNRECOGNIZED -> "?";
        };
    }
}
