using System.Text.Json.Serialization;

namespace Dub.Clerk.Host.Moving;

/// <summary>How a key of the copy is not as its original.</summary>
internal enum CopyFault
{
    /// <summary>It is not in the copy.</summary>
    Missing,

    /// <summary>It is only in the copy.</summary>
    Extra,

    /// <summary>It is of another type.</summary>
    Type,

    /// <summary>It holds something else.</summary>
    Content,

    /// <summary>It expires at another time.</summary>
    Expiry,
}

/// <summary>How many keys of a kind differ in the same way. Keys themselves are not named: some are made of user ids.</summary>
internal sealed record CopyDifference(string Kind, CopyFault Fault, long Keys);

/// <summary>The keys of a type on both sides, and how many values were compared.</summary>
internal sealed record MovedType(string Type, long Source, long Target, long Values);

/// <summary>What a move came to.</summary>
/// <param name="Moved">Whether all is as it was. Otherwise no host starts on the copy.</param>
/// <param name="Written">How many keys were written; the others were there already.</param>
/// <param name="Dropped">How many keys of an earlier attempt were dropped, because their original is gone.</param>
/// <param name="Types">By type, what was found on both sides when everything was read back.</param>
/// <param name="Differences">What is not as it was.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record MoveResult(
    bool Moved, long Written, long Dropped, IReadOnlyList<MovedType> Types, IReadOnlyList<CopyDifference> Differences, double Seconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(MoveResult))]
internal sealed partial class MoveJsonContext : JsonSerializerContext;
