using Dub.Clerk.Host.Diagnostics;
using Dub.Clerk.Host.Secrets;

namespace Dub.Clerk.Host.Api;

/// <summary>Lets in who presents one of the configured keys as Bearer, those with a read-only key to look; the refusals are Dub's.</summary>
internal sealed partial class ApiKeyFilter(LiveSecrets secrets, ILogger<ApiKeyFilter> logger) : IEndpointFilter
{
    private const string Scheme = "Bearer ";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        => Refuse(context.HttpContext.Request) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(context);

    private DubFault? Refuse(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return DubErrors.Unauthorized("Missing Authorization header.");
        }

        if (!header.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return DubErrors.BadRequest("Misconfigured authorization header. Did you forget to add 'Bearer '? Learn more: https://d.to/auth");
        }

        var (current, presented) = (secrets.Current, header[Scheme.Length..]);
        var (full, reading) = (current.ApiKeys.Find(presented), current.ReadKeys.Find(presented));
        if (full != KeyList.None)
        {
            return null;
        }

        if (reading == KeyList.None)
        {
            Log.Refused(logger);
            return DubErrors.Unauthorized("Unauthorized: Invalid API key.");
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return null;
        }

        Log.ReadOnly(logger, reading + 1, current.ReadKeys.Count);
        return DubErrors.Forbidden("The provided key may only read. Use one that may also write.");
    }

    private static partial class Log
    {
        [LoggerMessage(HostEventIds.KeyRefused, LogLevel.Information, "A call was refused, because its key is none of this host's.")]
        public static partial void Refused(ILogger logger);

        [LoggerMessage(HostEventIds.ReadKeyRefused, LogLevel.Warning, "A call that changes something was refused, because it came with read-only key {Position} of the {Count} in DUBCLERK_READ_API_KEY.")]
        public static partial void ReadOnly(ILogger logger, int position, int count);
    }
}
