using System.Security.Cryptography;
using System.Text;

namespace Dub.Clerk.Host.Api;

/// <summary>Lets in pages that present the publishable key, from hosts that are allowed; the refusals are Dub's. The key is in every page, so it keeps
/// nobody out who wants in: what comes this way is no proof of a customer.</summary>
internal sealed class PublishableKeyFilter(HostOptions options) : IEndpointFilter
{
    private const string Scheme = "Bearer ";
    private const string Prefix = "dub_pk_";

    private readonly byte[]? _hash = options.PublishableKey is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(options.PublishableKey));

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var header = context.HttpContext.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return ValueTask.FromResult<object?>(DubErrors.Unauthorized("Missing publishable key."));
        }

        var key = header.StartsWith(Scheme, StringComparison.Ordinal) ? header[Scheme.Length..] : string.Empty;
        if (_hash is not null && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(key)), _hash))
        {
            return AllowedHostnames.Refuse(context.HttpContext.Request, options.AllowedHostnames) is { } refusal ? ValueTask.FromResult<object?>(refusal) : next(context);
        }

        return ValueTask.FromResult<object?>(key.StartsWith(Prefix, StringComparison.Ordinal)
            ? DubErrors.Unauthorized("Invalid publishable key.")
            : DubErrors.BadRequest("Invalid or missing publishable key."));
    }
}
