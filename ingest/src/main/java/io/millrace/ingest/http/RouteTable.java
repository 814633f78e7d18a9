package io.millrace.ingest.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** All routes, and which of them a request is for. Immutable. */
record RouteTable(List<Route> routes) {

    /** @param path values of the places of the route's path */
    record Found(Route route, Map<String, String> path) {}

    /**
     * @param path as it came
     * @return the route with the fewest places that fits; HEAD is for that of GET
     * @throws HttpException 404 where there is no such path, 405 where it has others than this method
     */
    Found find(String method, String path) {
        List<String> segments =
                Route.segments(path).stream().map(PercentText::ofPath).toList();
        int places = Integer.MAX_VALUE;
        Map<String, Found> byMethod = new LinkedHashMap<>();
        for (Route route : routes) {
            Optional<Map<String, String>> values = route.match(segments);
            if (values.isPresent() && route.places() <= places) {
                if (route.places() < places) {
                    byMethod.clear();
                    places = route.places();
                }
                byMethod.put(route.method(), new Found(route, values.get()));
            }
        }
        if (byMethod.isEmpty()) {
            throw new HttpException(
                    404,
                    "NOT_FOUND",
                    "expected a path of this API, but there is none such; GET /api/openapi.json has all");
        }
        Found found = byMethod.get(method.equals("HEAD") ? "GET" : method);
        if (found == null) {
            String allowed = byMethod.keySet().stream().sorted().collect(Collectors.joining(", "));
            throw new HttpException(
                    405,
                    "METHOD_NOT_ALLOWED",
                    "expected " + allowed + " on this path, but got " + method,
                    Map.of("Allow", allowed));
        }
        return found;
    }
}
