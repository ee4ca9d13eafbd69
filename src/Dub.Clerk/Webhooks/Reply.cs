using System.Text.Json;
using System.Text.Json.Serialization;
using Dub.Clerk.SignUps;
using Microsoft.AspNetCore.Http;

namespace Dub.Clerk.Webhooks;

/// <summary>What a delivery is answered with. The body is for the person who looks at it in Clerk's Dashboard; only the status counts.</summary>
internal static partial class Reply
{
    public static Task ResultAsync(HttpContext context, SignUpStatus signUp)
        => WriteAsync(context, StatusCodes.Status200OK, "application/json",
            new Result(signUp.State.Code(), signUp.Reason == NoLeadReason.None ? null : signUp.Reason.Code()), Context.Default.Result);

    /// <summary>A problem as RFC 9457 has it.</summary>
    public static Task ProblemAsync(HttpContext context, int status, string detail)
        => WriteAsync(context, status, "application/problem+json", new Problem(status, detail), Context.Default.Problem);

    private static async Task WriteAsync<T>(
        HttpContext context, int status, string contentType, T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;

        // Of known length it is sent at once, and not in two parts.
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    internal sealed record Result(string State, string? Reason);

    internal sealed record Problem(int Status, string Detail);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(Result))]
    [JsonSerializable(typeof(Problem))]
    private sealed partial class Context : JsonSerializerContext;
}
