package compat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.getunleash.DefaultUnleash;
import io.getunleash.Unleash;
import io.getunleash.UnleashContext;
import io.getunleash.UnleashException;
import io.getunleash.event.ImpressionEvent;
import io.getunleash.event.UnleashReady;
import io.getunleash.event.UnleashSubscriber;
import io.getunleash.util.UnleashConfig;
import io.getunleash.variant.Payload;
import io.getunleash.variant.Variant;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Adapter for the Java SDK `unleash-client-java`; protocol: ../README.md, "Adapters". */
public final class Adapter implements UnleashSubscriber {
    private static final Gson GSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private final CountDownLatch readyLatch = new CountDownLatch(1);
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final List<String[]> impressions = new CopyOnWriteArrayList<>();
    private Unleash client;

    public static void main(String[] args) throws Exception {
        PrintStream protocol = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Adapter adapter = new Adapter();
        String line;
        while ((line = input.readLine()) != null) {
            JsonObject request = JsonParser.parseString(line).getAsJsonObject();
            String command = request.get("cmd").getAsString();
            JsonObject reply;
            try {
                reply = adapter.run(command, request);
                reply.addProperty("ok", true);
            } catch (Exception error) {
                reply = new JsonObject();
                reply.addProperty("ok", false);
                reply.addProperty("error", error.toString());
            }
            protocol.println(GSON.toJson(reply));
            if (command.equals("close")) {
                System.exit(0);
            }
        }
        System.exit(0);
    }

    private JsonObject run(String command, JsonObject request) throws Exception {
        switch (command) {
            case "hello":
                return hello();
            case "init":
                return init(request);
            case "evaluate":
                return evaluate(request);
            case "state":
                return state();
            case "close":
                return close();
            default:
                throw new IllegalArgumentException("unknown command " + command);
        }
    }

    private JsonObject hello() throws Exception {
        // The jar's name tells the version: unleash-client-java-<version>.jar
        Path jar =
                Path.of(Unleash.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        String name = jar.getFileName().toString();
        JsonObject reply = new JsonObject();
        reply.addProperty("sdk", "unleash-client-java");
        reply.addProperty(
                "version", name.replace("unleash-client-java-", "").replace(".jar", ""));
        reply.addProperty("runtime", "java " + System.getProperty("java.version"));
        return reply;
    }

    private JsonObject init(JsonObject request) throws Exception {
        UnleashConfig.Builder builder =
                UnleashConfig.builder()
                        .unleashAPI(request.get("url").getAsString())
                        .apiKey(request.get("token").getAsString())
                        .appName(request.get("appName").getAsString())
                        .instanceId(request.get("instanceId").getAsString())
                        .environment(request.get("environment").getAsString())
                        .fetchTogglesInterval(request.get("refreshMs").getAsLong() / 1000)
                        .sendMetricsInterval(request.get("metricsMs").getAsLong() / 1000)
                        .backupFile(
                                Path.of(request.get("workDir").getAsString(), "backup.json")
                                        .toString())
                        .subscriber(this);
        if (request.has("mode")) {
            builder.experimentalStreamingMode();
        }
        client = new DefaultUnleash(builder.build());
        readyLatch.await(request.get("readyMs").getAsLong(), TimeUnit.MILLISECONDS);
        JsonObject reply = new JsonObject();
        reply.addProperty("ready", readyLatch.getCount() == 0);
        return reply;
    }

    private JsonObject evaluate(JsonObject request) {
        JsonArray results = new JsonArray();
        for (JsonElement element : request.getAsJsonArray("batches")) {
            JsonObject batch = element.getAsJsonObject();
            UnleashContext context = context(batch);
            JsonArray row = new JsonArray();
            for (JsonElement flag : batch.getAsJsonArray("flags")) {
                row.add(evaluateOne(flag.getAsString(), context, batch));
            }
            results.add(row);
        }
        JsonObject reply = new JsonObject();
        reply.add("results", results);
        return reply;
    }

    private JsonObject evaluateOne(String flag, UnleashContext context, JsonObject batch) {
        String only = batch.has("only") ? batch.get("only").getAsString() : "";
        JsonObject answer = new JsonObject();
        try {
            if (!only.equals("variant")) {
                boolean fallback = batch.has("default") && batch.get("default").getAsBoolean();
                answer.addProperty("enabled", client.isEnabled(flag, context, fallback));
            }
            if (!only.equals("enabled")) {
                Variant got =
                        batch.has("defaultVariant")
                                ? client.getVariant(
                                        flag, context, variant(batch.get("defaultVariant")))
                                : client.getVariant(flag, context);
                answer.add("variant", json(got));
            }
        } catch (RuntimeException error) {
            answer.addProperty("error", error.getClass().getSimpleName());
        }
        return answer;
    }

    private static Variant variant(JsonElement element) {
        JsonObject given = element.getAsJsonObject();
        return new Variant(
                given.get("name").getAsString(),
                (Payload) null,
                given.get("enabled").getAsBoolean(),
                false);
    }

    private static JsonObject json(Variant variant) {
        JsonObject out = new JsonObject();
        out.addProperty("name", variant.getName());
        out.addProperty("enabled", variant.isEnabled());
        out.add(
                "payload",
                // Without a payload the SDK hands out one that has a type and no value.
                variant.getPayload()
                        .filter(payload -> payload.getValue() != null)
                        .<JsonElement>map(
                                payload -> {
                                    JsonObject fields = new JsonObject();
                                    fields.addProperty("type", payload.getType());
                                    fields.addProperty("value", payload.getValue());
                                    return fields;
                                })
                        .orElse(JsonNull.INSTANCE));
        return out;
    }

    private static UnleashContext context(JsonObject batch) {
        UnleashContext.Builder builder = UnleashContext.builder();
        if (!batch.has("context") || batch.get("context").isJsonNull()) {
            return builder.build();
        }
        JsonObject given = batch.getAsJsonObject("context");
        if (given.has("userId")) builder.userId(given.get("userId").getAsString());
        if (given.has("sessionId")) builder.sessionId(given.get("sessionId").getAsString());
        if (given.has("remoteAddress")) {
            builder.remoteAddress(given.get("remoteAddress").getAsString());
        }
        if (given.has("currentTime")) {
            builder.currentTime(ZonedDateTime.parse(given.get("currentTime").getAsString()));
        }
        if (given.has("properties")) {
            given.getAsJsonObject("properties")
                    .entrySet()
                    .forEach(e -> builder.addProperty(e.getKey(), e.getValue().getAsString()));
        }
        return builder.build();
    }

    private JsonObject state() {
        JsonObject reply = new JsonObject();
        reply.addProperty("ready", readyLatch.getCount() == 0);
        JsonArray problems = new JsonArray();
        errors.forEach(problems::add);
        errors.clear();
        JsonArray seen = new JsonArray();
        for (String[] event : impressions) {
            JsonObject fields = new JsonObject();
            fields.addProperty("flag", event[0]);
            fields.addProperty("type", event[1]);
            seen.add(fields);
        }
        impressions.clear();
        reply.add("errors", problems);
        reply.add("impressions", seen);
        return reply;
    }

    private JsonObject close() {
        if (client != null) {
            client.shutdown();
        }
        return new JsonObject();
    }

    @Override
    public void onError(UnleashException error) {
        errors.add(String.valueOf(error.getMessage()));
    }

    @Override
    public void onReady(UnleashReady ready) {
        readyLatch.countDown();
    }

    @Override
    public void impression(ImpressionEvent event) {
        boolean variant = event.getClass().getSimpleName().startsWith("Variant");
        impressions.add(
                new String[] {event.getFeatureName(), variant ? "getVariant" : "isEnabled"});
    }
}
