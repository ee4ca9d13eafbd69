using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Dub.Clerk.Diagnostics;
using StackExchange.Redis;

namespace Dub.Clerk.Store;

/// <summary>One atomic change: a Lua script in <c>Scripts/</c>, whose name ends in the number of its keys, or in <c>n</c> where they vary. One
/// that needs others, such as <c>outbox.lua</c>, names them in its first line and has them in front. One that needs <c>outbox.lua</c> is given the span it is run
/// in as an argument more, which that takes off again: what is put into an outbox belongs to it.</summary>
internal sealed class StoreScript
{
    private const string Needs = "-- needs ";

    private readonly string _source;
    private readonly byte[] _hash;
    private readonly string _name;
    private readonly int? _keyCount;
    private readonly bool _fleeting;
    private readonly bool _isTraced;

    /// <param name="name">The file's.</param>
    /// <param name="fleeting">Whether what it writes may be lost with its server, so that no replica is waited for: it is about the next minute.</param>
    public StoreScript(string name, bool fleeting = false)
    {
        (_name, _fleeting) = (name, fleeting);
        var count = name.AsSpan(name.LastIndexOf('-') + 1);
        _keyCount = count is "n" ? null : int.Parse(count, System.Globalization.CultureInfo.InvariantCulture);
        var source = Read(name);
        var shared = source.StartsWith(Needs, StringComparison.Ordinal) ? source[Needs.Length..source.IndexOf('\n', StringComparison.Ordinal)].Split(' ') : [];
        _isTraced = shared.Contains("outbox.lua");
        _source = string.Concat(shared.Select(file => Read(Path.GetFileNameWithoutExtension(file.Trim())))) + source;
        _hash = Hash(_source);
    }

    /// <summary>Runs the script by its hash, and loads it where the server does not have it yet.</summary>
    /// <exception cref="StoreException">The store did not answer, or refused.</exception>
    public Task<RedisResult> RunAsync(StoreConnection store, RedisKey[] keys, RedisValue[] arguments)
    {
        if (_keyCount is not null && keys.Length != _keyCount)
        {
            throw new ArgumentException($"The script {_name} takes {_keyCount} keys, not {keys.Length}.", nameof(keys));
        }

        return store.RunAsync(_hash, _source, keys, _isTraced ? [.. arguments, Traces.Current] : arguments, _fleeting);
    }

    /// <summary>What servers know scripts by.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The protocol's name for a script, not a safeguard.")]
    private static byte[] Hash(string source) => SHA1.HashData(Encoding.UTF8.GetBytes(source));

    private static string Read(string name)
    {
        using var stream = typeof(StoreScript).Assembly.GetManifestResourceStream(name + ".lua")
            ?? throw new InvalidOperationException($"The script {name}.lua is not embedded in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
