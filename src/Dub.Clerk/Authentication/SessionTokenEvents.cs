using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;

namespace Dub.Clerk.Authentication;

/// <summary>Adds where Clerk's token is to the events the app configured, which are asked first and keep the last word.</summary>
internal sealed class SessionTokenEvents(
    JwtBearerEvents? own, Type? ownType, ClerkInstance instance, SessionTokenHandler handler, TimeProvider time) : JwtBearerEvents
{
    private static readonly JwtBearerEvents None = new();

    public override async Task MessageReceived(MessageReceivedContext context)
    {
        await Own(context.HttpContext.RequestServices).MessageReceived(context);
        if (context.Result is null && string.IsNullOrEmpty(context.Token))
        {
            Find(context);
        }
    }

    public override Task TokenValidated(TokenValidatedContext context) => Own(context.HttpContext.RequestServices).TokenValidated(context);

    public override Task AuthenticationFailed(AuthenticationFailedContext context) =>
        Own(context.HttpContext.RequestServices).AuthenticationFailed(context);

    public override Task Challenge(JwtBearerChallengeContext context) => Own(context.HttpContext.RequestServices).Challenge(context);

    public override Task Forbidden(ForbiddenContext context) => Own(context.HttpContext.RequestServices).Forbidden(context);

    private void Find(MessageReceivedContext context)
    {
        if (instance.Current.Rules is not { } rules)
        {
            // Who sends nothing is nobody, however we are configured.
            if (context.Request.Headers.Authorization.Count > 0 || SessionCookies.Read(context.Request.Headers.Cookie, suffix: null).Session.Length > 0)
            {
                Fail(context, SessionTokenOutcome.NotConfigured);
            }
            else
            {
                context.NoResult();
            }

            return;
        }

        switch (SessionTokenSource.Find(context.Request.Headers, rules, time.GetUtcNow(), out var token))
        {
            case SessionTokenSource.Finding.None:
                context.NoResult();
                break;
            case SessionTokenSource.Finding.Repeated:
                Fail(context, SessionTokenOutcome.AuthorizationRepeated);
                break;
            // JwtBearer would read the header itself when given no text.
            case SessionTokenSource.Finding.Token when token.Length == 0:
                Fail(context, SessionTokenOutcome.ShapeWrong);
                break;
            default:
                context.Token = token;
                break;
        }
    }

    private void Fail(MessageReceivedContext context, SessionTokenOutcome outcome)
    {
        handler.Report(outcome);
        context.Fail(SessionTokenRefusal.For(outcome));
    }

    private JwtBearerEvents Own(IServiceProvider services) =>
        ownType is null ? own ?? None : (JwtBearerEvents)services.GetRequiredService(ownType);
}
