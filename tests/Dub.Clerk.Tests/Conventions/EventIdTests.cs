using System.Reflection;
using Dub.Clerk.Diagnostics;
using Dub.Clerk.Host.Diagnostics;

namespace Dub.Clerk.Tests.Conventions;

/// <summary>People search logs by event id.</summary>
public sealed class EventIdTests
{
    [Fact]
    public void EventIds_AreUnique()
    {
        var ids = new[] { typeof(EventIds), typeof(HostEventIds) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Where(field => field.IsLiteral && field.FieldType == typeof(int))
            .Select(field => (int)field.GetRawConstantValue()!)
            .ToList();

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct().Count(), ids.Count);
    }
}
