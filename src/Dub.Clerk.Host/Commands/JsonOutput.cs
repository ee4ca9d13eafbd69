using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Dub.Clerk.Host.Commands;

/// <summary><c>--json</c>: the result as one JSON value on a line of standard output, and nothing else there. Faults and progress go to standard error
/// either way, and the exit code is the same.</summary>
internal static class JsonOutput
{
    public static Option<bool> Option() => new("--json") { Description = "Print the result as one line of JSON, for scripts." };

    /// <summary>What a host answered, as it stands.</summary>
    public static void Print(JsonElement result) => Console.WriteLine(result.GetRawText());

    public static void Print<T>(T result, JsonTypeInfo<T> type) => Console.WriteLine(JsonSerializer.Serialize(result, type));
}
