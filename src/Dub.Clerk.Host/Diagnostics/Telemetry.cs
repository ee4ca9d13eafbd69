using System.Runtime.CompilerServices;
using Dub.Clerk.Diagnostics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Dub.Clerk.Host.Diagnostics;

/// <summary>Sends traces and metrics to an OpenTelemetry receiver where the standard variables name one. Otherwise nothing of it is so much as loaded.</summary>
internal static class Telemetry
{
    /// <summary>What the service is called where <c>OTEL_SERVICE_NAME</c> does not say.</summary>
    public const string ServiceName = "dub-clerk";

    /// <summary>ASP.NET Core puts its attributes on its spans only where this is off.</summary>
    private const string BareSpans = "Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData";

    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpoint = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";

    /// <summary>What is measured: ours, requests, connections, calls to Dub and Clerk, and the runtime.</summary>
    private static readonly string[] Meters =
        [DubClerkMetrics.MeterName, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime"];

    private static readonly string[] Sources = [Traces.SourceName, "Microsoft.AspNetCore", "System.Net.Http"];

    /// <summary>What would be ignored in silence.</summary>
    public static IEnumerable<string> Faults(IConfiguration configuration)
        => new[] { Endpoint, TracesEndpoint, MetricsEndpoint }
            .Where(name => !string.IsNullOrWhiteSpace(configuration[name]) && !(Uri.TryCreate(configuration[name], UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            .Select(name => $"{name} is not an http:// or https:// address, such as http://localhost:4317.");

    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var (traces, metrics) = (IsWanted("TRACES", TracesEndpoint), IsWanted("METRICS", MetricsEndpoint));
        if (traces || metrics)
        {
            Add(services, traces, metrics);
        }

        bool IsWanted(string signal, string endpoint)
            => (!string.IsNullOrWhiteSpace(configuration[Endpoint]) || !string.IsNullOrWhiteSpace(configuration[endpoint]))
                && !string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase)
                && !string.Equals(configuration[$"OTEL_{signal}_EXPORTER"], "none", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Apart from its caller, which runs at every start, so that only a start with a receiver loads the packages.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(IServiceCollection services, bool traces, bool metrics)
    {
        // What the variables say goes over this name, because they come last.
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => resource.Clear().AddService(ServiceName).AddTelemetrySdk().AddEnvironmentVariableDetector());
        if (traces)
        {
            AppContext.SetSwitch(BareSpans, false);
            services.AddSingleton<IStartupFilter, RequestSpans>();
            telemetry.WithTracing(tracing => tracing.AddSource(Sources).AddProcessor(new SpanCleaner()).AddOtlpExporter());
        }

        if (metrics)
        {
            telemetry.WithMetrics(metering => metering.AddMeter(Meters).AddOtlpExporter());
        }
    }
}
