using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Dub.Clerk.Host.Api;

/// <summary>A small JSON answer, of known length: it is sent at once, where one of unknown length goes in two parts. For the paths that are busy.</summary>
internal sealed class SizedJson<T>(T value, JsonTypeInfo<T> type) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        httpContext.Response.ContentLength = body.Length;
        await httpContext.Response.BodyWriter.WriteAsync(body, httpContext.RequestAborted);
    }
}
