using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Dub.Clerk.Tests.Conventions;

/// <summary>Dependencies run one way: a folder knows those below it, and nobody above.</summary>
public sealed class DependencyDirectionTests
{
    /// <summary>From the top down. A folder may use what stands after it.</summary>
    private static readonly string[] Order = ["Attribution", "Webhooks", "Erasure", "SignUps", "Analytics", "Conversions", "Outbox", "Dub", "Clerk", "Authentication", "Store", "Diagnostics"];

    /// <summary>The two ways in, and what they share, do not know each other.</summary>
    private static readonly (string From, string To)[] Forbidden =
    [
        ("Attribution", "Webhooks"), ("SignUps", "Authentication"), ("Conversions", "Authentication"), ("Outbox", "Authentication"),
        ("Dub", "Clerk"), ("Dub", "Authentication"), ("Clerk", "Authentication"),
        ("Authentication", "Store"),
    ];

    /// <summary>Metrics name outcomes by their enums, which are data.</summary>
    private static readonly string[] OutcomesForMetrics = ["SessionTokenOutcome", "WebhookVerificationResult", "OutboxOutcome", "OutboxDestination", "OutboxDepth", "NoLeadReason"];

    [Fact]
    public void FoldersOfTheLibrary_DependDownwardOnly()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(DubClerkOptions).Assembly.Location);
        var upward = assembly.MainModule.Types.SelectMany(AllOf)
            .Where(type => FolderOf(type) is not null)
            .SelectMany(type => ReferencesOf(type).Select(to => (From: FolderOf(type)!, To: FolderOf(to), Type: type.FullName, Target: to.GetElementType().Name)))
            .Where(use => use.To is not null && use.From != use.To && !OutcomesForMetrics.Contains(use.Target))
            .Where(use => Array.IndexOf(Order, use.To) < Array.IndexOf(Order, use.From) || Forbidden.Contains((use.From, use.To!)))
            .Select(use => $"{use.Type} -> {use.To}.{use.Target}")
            .Distinct();

        Assert.Empty(upward);
    }

    [Fact]
    public void EveryFolder_HasItsPlaceInTheOrder()
    {
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(DubClerkOptions).Assembly.Location);
        var folders = assembly.MainModule.Types.Select(FolderOf).OfType<string>().Distinct();

        Assert.Empty(folders.Except(Order));
    }

    [Fact]
    public void Library_DoesNotKnowTheHost()
        => Assert.DoesNotContain(typeof(DubClerkOptions).Assembly.GetReferencedAssemblies(), name => name.Name is "Dub.Clerk.Host" or "Garnet.server");

    /// <summary>So the normal server cannot serve one.</summary>
    [Fact]
    public void StandIns_AreKnownOnlyToTheCommandsThatNameThem()
    {
        const string root = "Dub.Clerk.Host.";
        using var assembly = AssemblyDefinition.ReadAssembly(typeof(Host.HostOptions).Assembly.Location);
        var users = assembly.MainModule.Types
            .Where(type => !type.Namespace.StartsWith(root + "StandIns", StringComparison.Ordinal))
            // The compiler's part of each Map… call, which runs only where that call does.
            .Where(type => type.Namespace != "Microsoft.AspNetCore.Http.Generated")
            .Where(type => AllOf(type).SelectMany(ReferencesOf).Any(to => OutermostOf(to).Namespace.StartsWith(root + "StandIns", StringComparison.Ordinal)))
            .Select(type => type.FullName);

        Assert.All(users, user => Assert.Matches(@"^Dub\.Clerk\.Host\.Commands\.(Demo|Example\.|\w+StandIn)\w*$", user));
        Assert.NotEmpty(users);
    }

    private static IEnumerable<TypeDefinition> AllOf(TypeDefinition type) => type.NestedTypes.SelectMany(AllOf).Prepend(type);

    private static string? FolderOf(TypeReference type)
    {
        const string root = "Dub.Clerk.";
        var outermost = OutermostOf(type);
        return outermost.Namespace.StartsWith(root, StringComparison.Ordinal) ? outermost.Namespace[root.Length..].Split('.')[0] : null;
    }

    private static TypeReference OutermostOf(TypeReference type)
    {
        var outermost = type.GetElementType();
        while (outermost.DeclaringType is { } declaring)
        {
            outermost = declaring;
        }

        return outermost;
    }

    private static IEnumerable<TypeReference> ReferencesOf(TypeDefinition type)
    {
        var direct = type.Interfaces.Select(implemented => implemented.InterfaceType)
            .Concat(type.Fields.Select(field => field.FieldType))
            .Concat(type.Methods.SelectMany(ReferencesOf))
            .Append(type.BaseType)
            .OfType<TypeReference>();
        return direct.SelectMany(reference => reference is GenericInstanceType generic ? generic.GenericArguments.Prepend(reference) : [reference]);
    }

    private static IEnumerable<TypeReference> ReferencesOf(MethodDefinition method)
        => method.Parameters.Select(parameter => parameter.ParameterType)
            .Append(method.ReturnType)
            .Concat(method.HasBody ? method.Body.Variables.Select(variable => variable.VariableType) : [])
            .Concat(method.HasBody ? method.Body.Instructions.SelectMany(ReferencesOf) : []);

    private static IEnumerable<TypeReference> ReferencesOf(Instruction instruction) => instruction.Operand switch
    {
        MethodReference method => [method.DeclaringType, method.ReturnType],
        FieldReference field => [field.DeclaringType, field.FieldType],
        TypeReference type => [type],
        _ => [],
    };
}
