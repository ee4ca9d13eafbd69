using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Dub.Clerk.Host.Diagnostics;

/// <summary>Says in the span of a request which route it took and how it was answered: ASP.NET Core says that in its metrics alone.</summary>
internal sealed class RequestSpans : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(DescribeAsync);
        next(app);
    };

    private static async Task DescribeAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } span)
        {
            return;
        }

        // Whoever handles an exception has taken the endpoint away.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        var (route, status) = ((endpoint as RouteEndpoint)?.RoutePattern.RawText, context.Response.StatusCode);
        span.SetTag("http.route", route).SetTag("http.response.status_code", status);
        span.DisplayName = $"{span.GetTagItem("http.request.method")} {route}".TrimEnd();
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }

        if (route?.StartsWith("/health/", StringComparison.Ordinal) == true)
        {
            // Asked every few seconds, and worth no trace: the metrics have them.
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
