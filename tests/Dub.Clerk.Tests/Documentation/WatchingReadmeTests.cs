using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Tests.Documentation;

/// <summary>What the README says is measured is, and its alert rules ask for what there is.</summary>
public sealed class WatchingReadmeTests
{
    private static readonly string Section = Regex.Match(
        File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Dub.Clerk.Host", "README.md")), "## Watching it\n(.*?)\n## ", RegexOptions.Singleline).Groups[1].Value;

    private static readonly string Rules = Regex.Match(Section, "```yaml\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    [Fact]
    public void Table_ListsEveryInstrumentUnderBothItsNames()
        => Assert.Equal(
            Instruments().Select(instrument => (instrument.Name, PrometheusName(instrument))).Order(),
            Regex.Matches(Section, @"^\| `(dubclerk\.[a-z_.]+)` \| `([a-z_]+)` \|", RegexOptions.Multiline).Select(row => (row.Groups[1].Value, row.Groups[2].Value)).Order());

    [Fact]
    public void Rules_AskForWhatThereIs()
    {
        var names = Instruments().SelectMany(instrument => instrument is Histogram<double>
            ? new[] { "_bucket", "_count", "_sum" }.Select(part => PrometheusName(instrument) + part)
            : [PrometheusName(instrument)]);
        var labels = typeof(Tags).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => Underscored((string)field.GetRawConstantValue()!));
        var asked = Regex.Matches(Rules, "dubclerk_[a-z_]+").Select(match => match.Value).ToHashSet();

        Assert.Empty(asked.Except(names).Except(labels));
        Assert.True(asked.Intersect(names).Count() >= 5);
    }

    /// <summary>As OpenTelemetry's conventions have it.</summary>
    [Fact]
    public void Instruments_AreNamedByTheConventions()
        => Assert.All(Instruments(), instrument =>
        {
            Assert.Matches(@"^dubclerk(\.[a-z][a-z0-9_]*)+$", instrument.Name);
            Assert.Matches(@"^(s|\{[a-z_]+\})$", instrument.Unit);
            Assert.NotEmpty(instrument.Description!);
        });

    private static List<Instrument> Instruments()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var instruments = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    instruments.Add(instrument);
                }
            },
        };
        listener.Start();
        _ = new DubClerkMetrics(factory, TimeProvider.System);
        return instruments;
    }

    /// <summary>What Prometheus makes of it: underscores, the unit unless it is an annotation, and <c>_total</c> for what only grows.</summary>
    private static string PrometheusName(Instrument instrument)
        => Underscored(instrument.Name) + (instrument.Unit == "s" ? "_seconds" : string.Empty) + (instrument is Counter<long> ? "_total" : string.Empty);

    private static string Underscored(string name) => name.Replace('.', '_');
}
