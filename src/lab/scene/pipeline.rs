//! The scene on the screen: one pipeline, one buffer of instances, one draw call on each 2D camera, before egui; of two
//! runs beside each other two.
//!
//! Within WebGL2: instances are vertex attributes, there is no storage buffer, the one uniform takes 48 bytes.
//! Instances are uploaded when their list is another; a picture in which only lights move uploads a clock.

use super::{Picture, Shape};
use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::core_pipeline::core_2d::main_transparent_pass_2d;
use bevy::core_pipeline::{Core2d, Core2dSystems};
use bevy::mesh::VertexBufferLayout;
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::error_handler::{RenderErrorHandler, RenderErrorPolicy};
use bevy::render::render_resource::binding_types::uniform_buffer;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BlendState, BufferUsages,
    CachedRenderPipelineId, ColorTargetState, ColorWrites, FragmentState, MultisampleState, PipelineCache,
    PrimitiveState, PrimitiveTopology, RawBufferVec, RenderPassDescriptor, RenderPipelineDescriptor, ShaderStages,
    ShaderType, SpecializedRenderPipeline, SpecializedRenderPipelines, TextureFormat, UniformBuffer, VertexAttribute,
    VertexFormat, VertexState, VertexStepMode,
};
use bevy::render::renderer::{RenderContext, RenderDevice, RenderQueue, ViewQuery};
use bevy::render::view::{ExtractedView, Msaa, ViewTarget};
use bevy::render::{Extract, ExtractSchedule, GpuResourceAppExt, Render, RenderApp, RenderSystems};
use bevy::shader::Shader;
use std::mem::offset_of;

const SHADER: Handle<Shader> = uuid_handle!("5a3c0f52-7d0b-4c55-9d58-0a5c63f5c6a1");

/// What the canvas shows, for the renderer to take.
#[derive(Resource, Default)]
pub struct Canvas {
    shapes: Vec<Shape>,
    /// Of two pictures the one and the other.
    version: [u64; 2],
    /// How many of the shapes are seen from where to where, in points; none: all of them everywhere.
    parts: Option<[(usize, [f32; 2]); 2]>,
    clock: f32,
    origin: Vec2,
    scale_factor: f32,
}

impl Canvas {
    /// Show this picture with its upper left corner there in the window, in points of so many pixels; with another,
    /// each in its part.
    pub fn show(
        &mut self,
        picture: &Picture,
        other: Option<(&Picture, [egui::Rect; 2])>,
        origin: [f32; 2],
        scale_factor: f32,
    ) {
        let version = [picture.version, other.map_or(0, |(other, _)| other.version)];
        if self.version != version {
            self.version = version;
            self.shapes.clear();
            self.shapes.extend_from_slice(&picture.shapes);
            self.shapes.extend(other.iter().flat_map(|(other, _)| &other.shapes));
        }
        let part = |count: usize, rect: egui::Rect| (count, [rect.left(), rect.right()]);
        self.parts =
            other.map(|(other, [its, others])| [part(picture.shapes.len(), its), part(other.shapes.len(), others)]);
        self.clock = picture.clock;
        self.origin = Vec2::from(origin);
        self.scale_factor = scale_factor;
    }
}

/// Draws [`Canvas`] on every 2D camera.
pub struct ScenePlugin;

impl Plugin for ScenePlugin {
    fn build(&self, app: &mut App) {
        load_internal_asset!(app, SHADER, "../../../assets/shaders/scene.wgsl", Shader::from_wgsl);
        // Bevy's own handler quits. A lost device comes back; what else goes wrong costs a picture, not the run.
        app.init_resource::<Canvas>().insert_resource(RenderErrorHandler(|error, _, _| match error.ty {
            bevy::render::error_handler::ErrorType::DeviceLost => RenderErrorPolicy::Recover(default()),
            _ => RenderErrorPolicy::Ignore,
        }));
        let Some(render) = app.get_sub_app_mut(RenderApp) else { return };
        render
            .init_gpu_resource::<SpecializedRenderPipelines<Inking>>()
            .init_gpu_resource::<Ink>()
            .init_resource::<Inking>()
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, prepare.in_set(RenderSystems::PrepareBindGroups))
            .add_systems(Core2d, paint.in_set(Core2dSystems::MainPass).after(main_transparent_pass_2d));
    }
}

/// As in the shader.
#[derive(Clone, Copy, Default, ShaderType)]
struct Screen {
    corner: Vec2,
    size: Vec2,
    clock: f32,
    spare: Vec3,
}

/// What is on the device.
#[derive(Resource)]
struct Ink {
    shapes: RawBufferVec<Shape>,
    version: [u64; 2],
    parts: Option<[(usize, [f32; 2]); 2]>,
    /// The list is another than the one on the device.
    fresh: bool,
    screen: UniformBuffer<Screen>,
    scale_factor: f32,
    bound: Option<BindGroup>,
}

impl Default for Ink {
    fn default() -> Self {
        let shapes = RawBufferVec::new(BufferUsages::VERTEX);
        let (version, screen) = ([0; 2], UniformBuffer::default());
        Self { shapes, version, parts: None, fresh: false, screen, scale_factor: 1.0, bound: None }
    }
}

/// How shapes become pixels.
#[derive(Resource)]
struct Inking {
    layout: BindGroupLayoutDescriptor,
}

impl Default for Inking {
    fn default() -> Self {
        let entries = BindGroupLayoutEntries::single(ShaderStages::VERTEX_FRAGMENT, uniform_buffer::<Screen>(false));
        Self { layout: BindGroupLayoutDescriptor::new("scene_layout", &entries) }
    }
}

impl SpecializedRenderPipeline for Inking {
    type Key = (TextureFormat, u32);

    fn specialize(&self, (format, samples): Self::Key) -> RenderPipelineDescriptor {
        let attribute = |shader_location: u32, format: VertexFormat, offset: usize| VertexAttribute {
            format,
            offset: offset as u64,
            shader_location,
        };
        let instances = VertexBufferLayout {
            array_stride: size_of::<Shape>() as u64,
            step_mode: VertexStepMode::Instance,
            attributes: vec![
                attribute(0, VertexFormat::Float32x4, offset_of!(Shape, from)),
                attribute(1, VertexFormat::Float32x4, offset_of!(Shape, size)),
                attribute(2, VertexFormat::Float32x4, offset_of!(Shape, lean)),
                attribute(3, VertexFormat::Float32, offset_of!(Shape, born)),
                attribute(4, VertexFormat::Unorm8x4, offset_of!(Shape, fill)),
                attribute(5, VertexFormat::Unorm8x4, offset_of!(Shape, ink)),
                attribute(6, VertexFormat::Uint32, offset_of!(Shape, form)),
            ],
        };
        let blend = Some(BlendState::PREMULTIPLIED_ALPHA_BLENDING);
        RenderPipelineDescriptor {
            label: Some("scene_pipeline".into()),
            layout: vec![self.layout.clone()],
            vertex: VertexState { shader: SHADER, buffers: vec![instances], ..default() },
            fragment: Some(FragmentState {
                shader: SHADER,
                targets: vec![Some(ColorTargetState { format, blend, write_mask: ColorWrites::ALL })],
                ..default()
            }),
            primitive: PrimitiveState { topology: PrimitiveTopology::TriangleStrip, ..default() },
            multisample: MultisampleState { count: samples, ..default() },
            ..default()
        }
    }
}

/// Which pipeline draws on a view.
#[derive(Component)]
struct InkedBy(CachedRenderPipelineId);

/// Takes what is new over to the render world.
fn extract(mut ink: ResMut<Ink>, canvas: Extract<Res<Canvas>>) {
    if ink.version != canvas.version {
        ink.version = canvas.version;
        ink.fresh = true;
        let shapes = ink.shapes.values_mut();
        shapes.clear();
        shapes.extend_from_slice(&canvas.shapes);
    }
    ink.parts = canvas.parts;
    ink.scale_factor = canvas.scale_factor.max(0.1);
    let screen = ink.screen.get_mut();
    (screen.corner, screen.clock) = (canvas.origin, canvas.clock);
}

/// Uploads it, and finds the pipeline for each view.
fn prepare(
    mut commands: Commands,
    mut ink: ResMut<Ink>,
    inking: Res<Inking>,
    mut pipelines: ResMut<SpecializedRenderPipelines<Inking>>,
    cache: Res<PipelineCache>,
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    views: Query<(Entity, &ExtractedCamera, &ExtractedView, &Msaa), With<Camera2d>>,
) {
    let ink = &mut *ink;
    for (entity, camera, view, msaa) in &views {
        let Some(size) = camera.physical_target_size else { continue };
        ink.screen.get_mut().size = size.as_vec2() / ink.scale_factor;
        let pipeline = pipelines.specialize(&cache, &inking, (view.target_format, msaa.samples()));
        commands.entity(entity).insert(InkedBy(pipeline));
    }
    if ink.fresh || ink.shapes.buffer().is_none() {
        ink.fresh = false;
        ink.shapes.write_buffer(&device, &queue);
    }
    ink.screen.write_buffer(&device, &queue);
    if ink.bound.is_none()
        && let Some(screen) = ink.screen.binding()
    {
        let layout = cache.get_bind_group_layout(&inking.layout);
        ink.bound = Some(device.create_bind_group("scene_screen", &layout, &BindGroupEntries::single(screen)));
    }
}

/// One draw call, or one for each of two pictures.
fn paint(
    view: ViewQuery<(&ExtractedCamera, &ViewTarget, &InkedBy)>,
    ink: Res<Ink>,
    cache: Res<PipelineCache>,
    mut context: RenderContext,
) {
    let (camera, target, inked_by) = view.into_inner();
    let count = ink.shapes.len() as u32;
    let (Some(pipeline), Some(buffer), Some(bound)) =
        (cache.get_render_pipeline(inked_by.0), ink.shapes.buffer(), &ink.bound)
    else {
        return;
    };
    if count == 0 {
        return;
    }
    let mut pass = context.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("scene"),
        color_attachments: &[Some(target.get_color_attachment())],
        ..default()
    });
    if let Some(viewport) = camera.viewport.as_ref() {
        pass.set_camera_viewport(viewport);
    }
    pass.set_render_pipeline(pipeline);
    pass.set_bind_group(0, bound, &[]);
    pass.set_vertex_buffer(0, buffer.slice(..));
    let Some(parts) = &ink.parts else {
        pass.draw(0..4, 0..count);
        return;
    };
    // Each picture within its part of the window.
    let Some(size) = camera.physical_target_size else { return };
    let pixel = |x: f32| ((x * ink.scale_factor).round().max(0.0) as u32).min(size.x);
    let mut first = 0;
    for (many, [left, right]) in parts {
        let (left, right, end) = (pixel(*left), pixel(*right), (first + *many as u32).min(count));
        if right > left && end > first {
            pass.set_scissor_rect(left, 0, right - left, size.y);
            pass.draw(0..4, first..end);
        }
        first = end;
    }
}
