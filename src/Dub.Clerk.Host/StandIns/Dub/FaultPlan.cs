namespace Dub.Clerk.Host.StandIns;

/// <summary>Which calls fail and how: the next ones by a script, the others by chance. The chances come from one seed.</summary>
internal sealed class FaultPlan(int seed)
{
    /// <summary>What <see cref="SetStorm"/> draws from: every kind that a client can outlast by trying again. The others are asked for by name:
    /// a key that is refused stops a client, and a lead that Dub acknowledges and loses shows in nothing but its absence.</summary>
    public static readonly IReadOnlyList<FaultKind> Storm =
        [.. Enum.GetValues<FaultKind>().Except([FaultKind.LeadNeverRecorded, FaultKind.Unauthorized, FaultKind.Forbidden])];

    private const string AnyPath = "*";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<FaultKind, double>> _chances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<FaultKind?>> _scripts = new(StringComparer.Ordinal);
    private readonly Dictionary<FaultKind, int> _injected = [];
    private Random _random = new(seed);

    /// <summary>How many calls failed in which way, so far.</summary>
    public IReadOnlyDictionary<FaultKind, int> Injected
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<FaultKind, int>(_injected);
            }
        }
    }

    /// <summary>The chances that are set, by path (<c>*</c> for the paths that have none of their own).</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<FaultKind, double>> Chances
    {
        get
        {
            lock (_gate)
            {
                return _chances.ToDictionary(
                    pair => pair.Key, IReadOnlyDictionary<FaultKind, double> (pair) => new Dictionary<FaultKind, double>(pair.Value), StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Sets how likely a fault is.</summary>
    /// <param name="kind">The fault.</param>
    /// <param name="probability">From 0 to 1. All kinds of one path together are at most 1.</param>
    /// <param name="path">Such as <c>/track/lead</c>, as <see cref="DubCall.Path"/> has it; null for every path that has no chances of its own.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not a probability, or the sum would be more than 1.</exception>
    public void Set(FaultKind kind, double probability, string? path = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        lock (_gate)
        {
            var chances = _chances.TryGetValue(path ?? AnyPath, out var known) ? known : [];
            var others = chances.Where(pair => pair.Key != kind).Sum(pair => pair.Value);
            // Written so that what is not a number is refused as well.
            if (!(others + probability <= 1 + 1e-9))
            {
                throw new ArgumentOutOfRangeException(nameof(probability), probability, "The chances of one path add up to more than 1.");
            }

            chances[kind] = probability;
            _chances[path ?? AnyPath] = chances;
        }
    }

    /// <summary>Lets that share of the calls fail in all the ways of <see cref="Storm"/>, evenly. Replaces what was set for the path.</summary>
    public void SetStorm(double probability, string? path = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(probability, 1);
        lock (_gate)
        {
            _chances[path ?? AnyPath] = Storm.ToDictionary(kind => kind, _ => probability / Storm.Count);
        }
    }

    /// <summary>Says what the next calls to the path get, one after the other; null lets one through. Comes before any chance.</summary>
    /// <param name="path">As in <see cref="Set"/>.</param>
    /// <param name="kinds">Added to what is waiting already.</param>
    public void Script(string? path, params ReadOnlySpan<FaultKind?> kinds)
    {
        lock (_gate)
        {
            if (!_scripts.TryGetValue(path ?? AnyPath, out var script))
            {
                _scripts[path ?? AnyPath] = script = [];
            }

            foreach (var kind in kinds)
            {
                script.Enqueue(kind);
            }
        }
    }

    /// <summary>From now on nothing fails. What was counted stays.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _chances.Clear();
            _scripts.Clear();
        }
    }

    /// <summary>As at the start: nothing fails, nothing is counted, and the chances begin again.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _chances.Clear();
            _scripts.Clear();
            _injected.Clear();
            _random = new Random(seed);
        }
    }

    /// <summary>What this call gets; null when it goes through.</summary>
    public FaultKind? Draw(DubCall call)
    {
        FaultKind? drawn;
        lock (_gate)
        {
            drawn = TryScript(call.Path, out var scripted) || TryScript(AnyPath, out scripted) ? scripted : Chance(call.Path);
        }

        return (drawn, call.TakesKey) switch
        {
            (FaultKind.KeyTakenThenLost, false) => FaultKind.ServerErrorBefore,
            (FaultKind.LeadNeverRecorded, false) => null,
            _ => drawn,
        };
    }

    /// <summary>A fault has been injected.</summary>
    public void Count(FaultKind kind)
    {
        lock (_gate)
        {
            _injected[kind] = _injected.GetValueOrDefault(kind) + 1;
        }
    }

    private bool TryScript(string path, out FaultKind? kind)
    {
        kind = null;
        return _scripts.TryGetValue(path, out var script) && script.TryDequeue(out kind);
    }

    private FaultKind? Chance(string path)
    {
        if (!_chances.TryGetValue(path, out var chances) && !_chances.TryGetValue(AnyPath, out chances))
        {
            return null;
        }

        var roll = _random.NextDouble();
        foreach (var kind in Enum.GetValues<FaultKind>())
        {
            roll -= chances.GetValueOrDefault(kind);
            if (roll < 0)
            {
                return kind;
            }
        }

        return null;
    }
}
