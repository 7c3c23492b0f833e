package dev.ternion.cli;

import dev.ternion.api.v1.Dataset;
import dev.ternion.api.v1.ListDatasetsRequest;
import dev.ternion.api.v1.ListDatasetsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Lists data sets. */
@Command(name = "list", description = "Lists data sets by name.")
final class DatasetsListCommand implements Callable<Integer> {
    private static final int PAGE = 500;

    private final Session session;

    DatasetsListCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        try (Connection connection = session.connect()) {
            ListDatasetsResponse.Builder all = ListDatasetsResponse.newBuilder();
            String token = "";
            do {
                ListDatasetsResponse page = connection
                        .datasets()
                        .listDatasets(ListDatasetsRequest.newBuilder()
                                .setPageSize(PAGE)
                                .setPageToken(token)
                                .build());
                all.addAllDatasets(page.getDatasetsList()).addAllUnreachable(page.getUnreachableList());
                token = page.getNextPageToken();
            } while (!token.isEmpty());
            table(all.getDatasetsList());
            all.getUnreachableList().forEach(name -> session.say(Names.id(name) + " cannot be read"));
            session.json(Json.print(all));
            return ExitCode.OK;
        }
    }

    private void table(List<Dataset> datasets) {
        List<List<String>> rows = new ArrayList<>();
        for (Dataset dataset : datasets) {
            rows.add(List.of(
                    Names.id(dataset.getName()),
                    dataset.getTaskKind(),
                    Long.toString(dataset.getTrainRows()),
                    Long.toString(dataset.getEvalRows()),
                    dataset.getPrimaryMetric(),
                    String.join(", ", dataset.getLabelsList())));
        }
        TextTable.print(
                session, List.of("data set", "task", "train", "eval", "metric", "labels"), rows, "no data sets");
    }
}
